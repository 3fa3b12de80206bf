import type { PoolClient } from 'pg';
import { type Clock, encodeInvitation } from '@tax-control/protocol';
import { csvRow } from '../../console-api/csv/cell.js';
import { createInvitations, type NewInvitation } from '../../enrolment/invitations.js';
import { invitedEntry, registeredEntry } from '../../enrolment/recovery-entries.js';
import type { RecoveryEntry } from '../../recovery-log/entries.js';
import { addTerminals, type PlacedId } from '../../registry/fleet.js';
import { commandRecoveryLog } from '../command-recovery-log.js';
import { recordCommands } from '../record-command.js';
import type { FleetFault, FleetRow } from './fleet-file.js';
import { tellProgress } from './progress.js';

/** Rows of one statement: some tens of milliseconds, far below any time limit. */
const CHUNK_ROWS = 1_000;

/** What is to be registered. `source`: the file's name, for the audit trail. */
export interface NewFleet {
  readonly rows: readonly FleetRow[];
  readonly source: string;
  readonly addresses: readonly string[];
  readonly caDigest: string;
  readonly validDays: number;
}

/** `faults`: terminals that somebody else registered meanwhile; then nothing may be committed. */
export interface RegisteredFleet {
  readonly count: number;
  readonly faults: readonly FleetFault[];
}

/** The option that names the file for the invitations. */
export const INVITATIONS_OPTION = '--invitations';

/** First line of a file of invitations. */
export const INVITATIONS_HEADING = csvRow(['terminal', 'premises', 'good until', 'invitation']);

/** One line of it; nobody else has the secret. */
export function invitationRow(
  { terminalId, premisesId }: PlacedId,
  { secret, expiresAt }: NewInvitation,
  { addresses, caDigest }: Pick<NewFleet, 'addresses' | 'caDigest'>,
): string {
  const invitation = encodeInvitation({ addresses, caDigest, terminalId, secret });
  return csvRow([terminalId, premisesId, expiresAt.toISOString(), invitation]);
}

/** Raised to roll back what was begun. */
class RegisteredMeanwhile extends Error {
  constructor(readonly faults: readonly FleetFault[]) {
    super('a terminal was registered meanwhile');
  }
}

/**
 * Registers the terminals, makes their invitations, and hands the text of the file to `fill`; the recovery log is
 * written as the last thing before the commit.
 * Not idempotent. Needs a transaction.
 * @throws what rolls the transaction back; {@link meanwhile} tells which of it is a refusal
 */
export async function registerFleet(
  client: PoolClient,
  { rows, source, addresses, caDigest, validDays }: NewFleet,
  fill: (text: string) => Promise<void>,
  clock: Clock,
): Promise<RegisteredFleet> {
  const lines = [INVITATIONS_HEADING];
  const entries: RecoveryEntry[] = [];
  const progress = tellProgress('Registered', rows.length);
  for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
    const chunk = rows.slice(start, start + CHUNK_ROWS);
    const added = await addTerminals(client, chunk);
    const faults = chunk.filter(({ terminalId }) => !added.has(terminalId)).map(meanwhileFault);
    if (faults.length > 0) throw new RegisteredMeanwhile(faults);
    const invitations = await createInvitations(
      client,
      chunk.map(({ terminalId }) => terminalId),
      validDays,
    );
    await recordCommands(
      client,
      chunk.flatMap(({ terminalId, premisesId }) => [
        { action: 'terminal.registered' as const, subject: terminalId, facts: { premisesId, source } },
        {
          action: 'terminal.invited' as const,
          subject: terminalId,
          facts: { expiresAt: invitations.get(terminalId)?.expiresAt },
        },
      ]),
    );
    entries.push(
      ...chunk.map(({ terminalId, premisesId }) => registeredEntry(terminalId, premisesId, clock.now())),
      ...[...invitations].map(([terminalId, made]) => invitedEntry(terminalId, made)),
    );
    for (const place of chunk) {
      const invitation = invitations.get(place.terminalId);
      if (invitation === undefined) throw new Error('a till was left out');
      lines.push(invitationRow(place, invitation, { addresses, caDigest }));
    }
    progress(start + chunk.length);
  }
  await fill(lines.join(''));
  // Last: what is written down there comes back after a restore, so nothing may be that failed for a reason that could be foreseen.
  const recoveryLog = commandRecoveryLog(clock);
  for (let start = 0; start < entries.length; start += CHUNK_ROWS)
    await recoveryLog.append(...entries.slice(start, start + CHUNK_ROWS));
  return { count: rows.length, faults: [] };
}

/** The refusal in what `registerFleet` threw; anything else is thrown again. */
export function meanwhile(error: unknown): RegisteredFleet {
  if (error instanceof RegisteredMeanwhile) return { count: 0, faults: error.faults };
  throw error;
}

function meanwhileFault({ line, terminalId }: FleetRow): FleetFault {
  return { line, reason: `The terminal ${terminalId} was registered by somebody else at this moment.` };
}
