import type { Pool, PoolClient } from 'pg';
import type { Clock } from '@tax-control/protocol';
import { inTransaction, OutcomeUnknown } from '../../database/transaction.js';
import { createInvitations, endInvitationsOf } from '../../enrolment/invitations.js';
import { invitedEntry } from '../../enrolment/recovery-entries.js';
import type { RecoveryEntry } from '../../recovery-log/entries.js';
import { findInvitable, type Invitable, type InvitableTerminals } from '../../registry/fleet.js';
import { commandRecoveryLog } from '../command-recovery-log.js';
import { type InvitationOptions, readInvitationTerms, readPublishedAddresses } from '../invitation-terms.js';
import { withDatabase } from '../operator-database.js';
import { done, misused, type NotDone, type Outcome, refused, unavailable } from '../outcome.js';
import { recordCommands } from '../record-command.js';
import { findObstacle, type InvitationsFile, makeInvitationsFile } from '../invitations-file.js';
import { tellProgress } from './progress.js';
import { INVITATIONS_HEADING, INVITATIONS_OPTION, invitationRow } from './register-fleet.js';

/** Rows of one statement: some tens of milliseconds, far below any time limit. */
const CHUNK_ROWS = 1_000;

export interface InviteManyOptions extends InvitationOptions {
  readonly invitations?: string;
  readonly for?: Invitable;
  readonly taxpayer?: string;
  readonly premises?: string;
  readonly region?: string;
  readonly dryRun?: boolean;
}

interface Terms {
  readonly addresses: readonly string[];
  readonly caDigest: string;
  readonly validDays: number;
}

/**
 * `terminal invite-many`: a new invitation for each till that the options name; open ones end. All of them or none, and on disk before the
 * commit.
 */
export async function inviteMany(options: InviteManyOptions, clock: Clock): Promise<Outcome> {
  const { invitations: out, dryRun = false } = options;
  if (out === undefined && !dryRun)
    return misused('Name the file for the invitations with --invitations, or try it out with --dry-run.');
  const terms = readInvitationTerms(options);
  if ('done' in terms) return terms;
  const blocked = out === undefined ? null : await findObstacle(out, INVITATIONS_OPTION);
  if (blocked !== null) return refused(blocked);
  const criteria: InvitableTerminals = {
    which: options.for ?? 'unenrolled',
    taxpayerId: options.taxpayer ?? null,
    premisesId: options.premises ?? null,
    region: options.region ?? null,
  };
  return withDatabase(async (pool) => {
    const addresses = terms.addresses ?? (await readPublishedAddresses(pool));
    if ('done' in addresses) return addresses;
    const found = (await findInvitable(pool, criteria)).length;
    if (found === 0) return done({ invited: 0, file: null }, 'No till fits, so no invitation was made.');
    if (dryRun || out === undefined)
      return done({ wouldInvite: found, file: null }, `${tills(found)} would be invited anew. Nothing was done.`);
    const file = await makeInvitationsFile(out, INVITATIONS_OPTION);
    if (typeof file === 'string') return refused(file);
    const invited = await inviteInto(pool, { ...terms, addresses }, criteria, { file, path: out }, clock);
    if (typeof invited !== 'number') return invited;
    return done(
      { invited, file: out },
      `Invited ${tills(invited)} anew; their open invitations ended.\nThe new ones are in ${out}, which only its owner can read. ` +
        'Each is worth a certificate: hand each to its shop over a channel that you trust, then remove the file.',
    );
  });
}

/** Keeps the file when its invitations are good or may be, and only then. */
async function inviteInto(
  pool: Pool,
  terms: Terms,
  criteria: InvitableTerminals,
  { file, path }: { readonly file: InvitationsFile; readonly path: string },
  clock: Clock,
): Promise<number | NotDone> {
  try {
    return await inTransaction(pool, (client) => inviteAll(client, terms, criteria, file, clock));
  } catch (error) {
    if (error instanceof OutcomeUnknown)
      return unavailable(
        `The database did not confirm the change, so the invitations in ${path} may be good. See one of its tills: ` +
          'tax-control terminal show ID. If it has no new invitation, remove the file and begin again.',
      );
    await file.discard();
    throw error;
  }
}

async function inviteAll(
  client: PoolClient,
  { addresses, caDigest, validDays }: Terms,
  criteria: InvitableTerminals,
  file: InvitationsFile,
  clock: Clock,
): Promise<number> {
  const places = await findInvitable(client, criteria);
  const lines = [INVITATIONS_HEADING];
  const entries: RecoveryEntry[] = [];
  const progress = tellProgress('Invited', places.length);
  for (let start = 0; start < places.length; start += CHUNK_ROWS) {
    const chunk = places.slice(start, start + CHUNK_ROWS);
    const ids = chunk.map(({ terminalId }) => terminalId);
    await endInvitationsOf(client, ids);
    const made = await createInvitations(client, ids, validDays);
    await recordCommands(
      client,
      ids.map((subject) => ({
        action: 'terminal.invited' as const,
        subject,
        facts: { expiresAt: made.get(subject)?.expiresAt },
      })),
    );
    for (const place of chunk) {
      const invitation = made.get(place.terminalId);
      if (invitation === undefined) throw new Error('a till was left out');
      lines.push(invitationRow(place, invitation, { addresses, caDigest }));
      entries.push(invitedEntry(place.terminalId, invitation));
    }
    progress(start + chunk.length);
  }
  await file.fill(lines.join(''));
  // Last: what is written down there comes back after a restore.
  const recoveryLog = commandRecoveryLog(clock);
  for (let start = 0; start < entries.length; start += CHUNK_ROWS)
    await recoveryLog.append(...entries.slice(start, start + CHUNK_ROWS));
  return places.length;
}

function tills(count: number): string {
  return `${count} ${count === 1 ? 'till' : 'tills'}`;
}
