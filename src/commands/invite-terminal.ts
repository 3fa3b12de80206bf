import { randomBytes } from 'node:crypto';
import type { PoolClient } from 'pg';
import { encodeInvitation } from '@tax-control/protocol';
import { inTransaction } from '../database/transaction.js';
import { createInvitation } from '../enrolment/invitations.js';
import { invitedEntry, registeredEntry } from '../enrolment/recovery-entries.js';
import { addTerminal, findTerminal } from '../registry/terminals.js';
import { commandRecoveryLog } from './command-recovery-log.js';
import { type InvitationOptions, readInvitationTerms, readPublishedAddresses } from './invitation-terms.js';
import { withDatabase } from './operator-database.js';
import { done, type Outcome, refused } from './outcome.js';
import { recordCommand } from './record-command.js';
import { unknownTerminal } from './terminal-actions.js';

/** Bytes of a made terminal id: forty bits, where a country has 20,000 tills; a repeated one is refused, not given twice. */
const MADE_ID_BYTES = 5;

export interface RegisterOptions extends InvitationOptions {
  readonly premises: string;
}

/** `register`: the terminal and its invitation come into being together or not at all. */
export function register(
  terminalId = `T-${randomBytes(MADE_ID_BYTES).toString('hex')}`,
  { premises, ...options }: RegisterOptions,
): Promise<Outcome> {
  return withInvitation(options, async (client, make) => {
    const added = await addTerminal(client, terminalId, premises);
    if (added === 'premises_unknown')
      return refused(`There are no premises ${premises}. See: tax-control premises list, and premises add.`);
    if (added === 'exists')
      return refused(
        `The terminal ${terminalId} is registered already. ` +
          `For a new invitation: tax-control terminal invite ${terminalId}`,
      );
    const facts = { premisesId: premises };
    await recordCommand(client, { action: 'terminal.registered', subject: terminalId, facts });
    await commandRecoveryLog().append(registeredEntry(terminalId, premises));
    return make(terminalId);
  });
}

/** `invite` */
export function invite(terminalId: string, options: InvitationOptions): Promise<Outcome> {
  return withInvitation(options, async (client, make) => {
    const terminal = await findTerminal(client, terminalId);
    if (terminal === null) return unknownTerminal(terminalId);
    if (terminal.status === 'revoked')
      return refused(
        `The terminal ${terminalId} is revoked for ever. Register another one: tax-control terminal register`,
      );
    return make(terminalId);
  });
}

type MakeInvitation = (terminalId: string) => Promise<Outcome>;

async function withInvitation(
  options: InvitationOptions,
  work: (client: PoolClient, make: MakeInvitation) => Promise<Outcome>,
): Promise<Outcome> {
  const terms = readInvitationTerms(options);
  if ('done' in terms) return terms;
  const { caDigest, validDays } = terms;
  return withDatabase(async (pool) => {
    const addresses = terms.addresses ?? (await readPublishedAddresses(pool));
    if ('done' in addresses) return addresses;
    return inTransaction(pool, (client) =>
      work(client, async (terminalId) => {
        const made = await createInvitation(client, terminalId, validDays);
        const { secret, expiresAt } = made;
        await recordCommand(client, { action: 'terminal.invited', subject: terminalId, facts: { expiresAt } });
        await commandRecoveryLog().append(invitedEntry(terminalId, made));
        const invitation = encodeInvitation({ addresses, caDigest, terminalId, secret });
        return done(
          { terminalId, invitation, expiresAt, addresses },
          `Invitation for the terminal ${terminalId}, good for one enrolment until ${expiresAt.toISOString()}:\n\n` +
            `${invitation}\n\nAt the till: tax-terminal enrol --directory DIRECTORY --invitation INVITATION`,
        );
      }),
    );
  });
}
