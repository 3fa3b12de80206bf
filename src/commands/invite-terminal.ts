import { randomBytes } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { certificateThumbprint, encodeInvitation } from '@tax-control/protocol';
import { readEnrolmentSettings, readKeysSettings } from '../configuration/read-settings.js';
import { inTransaction } from '../database/transaction.js';
import { createInvitation } from '../enrolment/invitations.js';
import { keyDirectory } from '../keys/key-directory.js';
import { readCertificate } from '../keys/secret-file.js';
import { readNewestVersion } from '../registry/parameters-store.js';
import { addTerminal, findTerminal } from '../registry/terminals.js';
import { isBaseAddress } from '../registry/till-settings.js';
import { withDatabase } from './operator-database.js';
import { done, misused, type Outcome, refused } from './outcome.js';
import { recordCommand } from './record-command.js';
import { unknownTerminal } from './terminal-actions.js';

/** Bytes of a made terminal id: forty bits, where a country has 20,000 tills; a repeated one is refused, not given twice. */
const MADE_ID_BYTES = 5;

const DAYS_MAX = 365;

export interface InvitationOptions {
  readonly address?: readonly string[];
  readonly ca?: string;
  readonly validDays?: number;
}

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
  { address, ca, validDays = readEnrolmentSettings().invitationDays }: InvitationOptions,
  work: (client: PoolClient, make: MakeInvitation) => Promise<Outcome>,
): Promise<Outcome> {
  if (validDays < 1 || validDays > DAYS_MAX) return misused(`--valid-days must be between 1 and ${DAYS_MAX}.`);
  const badAddress = address?.find((one) => !isBaseAddress(one));
  if (badAddress !== undefined)
    return misused(`--address ${badAddress} is not https://host or https://host:port without a path.`);
  const caDigest = authorityDigest(ca ?? keyDirectory(readKeysSettings().directory).authority.certificate);
  return withDatabase(async (pool) => {
    const addresses = address ?? (await publishedAddresses(pool));
    if (addresses.length === 0)
      return refused(
        'No addresses are published that could stand in the invitation. Name them with --address, or publish them: ' +
          'tax-control parameters set --address URL --verification-url URL',
      );
    return inTransaction(pool, (client) =>
      work(client, async (terminalId) => {
        const { secret, expiresAt } = await createInvitation(client, terminalId, validDays);
        await recordCommand(client, { action: 'terminal.invited', subject: terminalId, facts: { expiresAt } });
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

async function publishedAddresses(pool: Pool): Promise<readonly string[]> {
  return (await readNewestVersion(pool))?.settings.addresses ?? [];
}

/** What tills pin: base64url SHA-256 of the authority's certificate. Its key is not needed here. */
function authorityDigest(path: string): string {
  return certificateThumbprint(readCertificate(path));
}
