import { randomBytes } from 'node:crypto';
import type { PoolClient } from 'pg';
import { type Clock, encodeInvitation } from '@tax-control/protocol';
import { inTransaction, OutcomeUnknown } from '../database/transaction.js';
import { createInvitation } from '../enrolment/invitations.js';
import { invitedEntry, registeredEntry } from '../enrolment/recovery-entries.js';
import { addTerminal, findTerminal } from '../registry/terminals.js';
import { commandRecoveryLog } from './command-recovery-log.js';
import { type InvitationOptions, readInvitationTerms, readPublishedAddresses } from './invitation-terms.js';
import { findObstacle, makeInvitationsFile } from './invitations-file.js';
import { withDatabase } from './operator-database.js';
import { done, type Outcome, refused, unavailable } from './outcome.js';
import { recordCommand } from './record-command.js';
import { unknownTerminal } from './terminal-actions.js';

/** Bytes of a made terminal id: forty bits, where a country has 20,000 tills; a repeated one is refused, not given twice. */
const MADE_ID_BYTES = 5;

/** @property out a new file for the invitation; left out: it is printed, with what to do with it */
export interface InviteOptions extends InvitationOptions {
  readonly out?: string;
}

export interface RegisterOptions extends InviteOptions {
  readonly premises: string;
}

/** `register`: the terminal and its invitation come into being together or not at all. */
export function register(
  terminalId = `T-${randomBytes(MADE_ID_BYTES).toString('hex')}`,
  { premises, ...options }: RegisterOptions,
  clock: Clock,
): Promise<Outcome> {
  return withInvitation(options, clock, async (client, make) => {
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
    await commandRecoveryLog(clock).append(registeredEntry(terminalId, premises, clock.now()));
    return make(terminalId);
  });
}

/** `invite` */
export function invite(terminalId: string, options: InviteOptions, clock: Clock): Promise<Outcome> {
  return withInvitation(options, clock, async (client, make) => {
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

const FILE_OPTION = '--out';
/** As a file's name: the invitation alone is printed, for the redirection of a container's output. */
const STANDARD_OUTPUT = '-';

async function withInvitation(
  { out: destination, ...options }: InviteOptions,
  clock: Clock,
  work: (client: PoolClient, make: MakeInvitation) => Promise<Outcome>,
): Promise<Outcome> {
  const terms = readInvitationTerms(options);
  if ('done' in terms) return terms;
  const { caDigest, validDays } = terms;
  const out = destination === STANDARD_OUTPUT ? undefined : destination;
  const blocked = out === undefined ? null : await findObstacle(out, FILE_OPTION);
  if (blocked !== null) return refused(blocked);
  return withDatabase(async (pool) => {
    const addresses = terms.addresses ?? (await readPublishedAddresses(pool));
    if ('done' in addresses) return addresses;
    const file = out === undefined ? null : await makeInvitationsFile(out, FILE_OPTION);
    if (typeof file === 'string') return refused(file);
    const outcome = await inTransaction(pool, (client) =>
      work(client, async (terminalId) => {
        const made = await createInvitation(client, terminalId, validDays);
        const { secret, expiresAt } = made;
        await recordCommand(client, { action: 'terminal.invited', subject: terminalId, facts: { expiresAt } });
        const invitation = encodeInvitation({ addresses, caDigest, terminalId, secret });
        // On disk before the commit: no invitation is good that nobody has.
        await file?.fill(`${invitation}\n`);
        await commandRecoveryLog(clock).append(invitedEntry(terminalId, made));
        const facts = { terminalId, expiresAt, addresses };
        if (destination === STANDARD_OUTPUT) return done({ ...facts, invitation }, invitation);
        return out === undefined ? shown(facts, invitation) : written(facts, out);
      }),
    ).catch(async (error: unknown) => {
      // Where the database did not confirm, the invitation in the file may be good.
      if (error instanceof OutcomeUnknown && out !== undefined) return unconfirmed(out);
      await file?.discard();
      throw error;
    });
    if (!outcome.done && outcome.kind === 'refused') await file?.discard();
    return outcome;
  });
}

/** What may be told of an invitation to anybody. */
interface InvitationFacts {
  readonly terminalId: string;
  readonly expiresAt: Date;
  readonly addresses: readonly string[];
}

function shown(facts: InvitationFacts, invitation: string): Outcome {
  return done(
    { ...facts, invitation },
    `Invitation for the terminal ${facts.terminalId}, good for one enrolment until ${facts.expiresAt.toISOString()}:\n\n` +
      `${invitation}\n\nAt the till: tax-terminal enrol --directory DIRECTORY, which asks for it`,
  );
}

function written(facts: InvitationFacts, file: string): Outcome {
  return done(
    { ...facts, file },
    `The invitation for the terminal ${facts.terminalId} is in ${file}, which only its owner can read. ` +
      `It is good for one enrolment until ${facts.expiresAt.toISOString()}.\n` +
      `At the till: tax-terminal enrol --directory DIRECTORY < ${file}`,
  );
}

function unconfirmed(file: string): Outcome {
  return unavailable(
    `The database did not confirm the change, so the invitation in ${file} may be good. See whether there is such a ` +
      'terminal with an open invitation: tax-control terminal show. If not, remove the file and repeat the command.',
  );
}
