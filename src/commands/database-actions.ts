import type { Pool } from 'pg';
import type { Clock } from '@tax-control/protocol';
import { readDatabaseSettings, readRecoverySettings } from '../configuration/read-settings.js';
import { divergenceOf, type Identities, readIdentities } from '../database/identity.js';
import { withPrivatePool } from '../recovery/private-pool.js';
import { rebuildStatisticsIfDue } from '../recovery/rebuild-statistics-due.js';
import { readRestorationProgress, type RestorationProgress } from '../ledger/restoration-progress.js';
import {
  forgetsStatusesOf,
  knownNumber,
  listRecoveries,
  type NumberPosition,
  readPosition,
  recover,
  type Recovery,
} from '../recovery/recover.js';
import type { Replayed } from '../recovery/replay-log.js';
import { readRecoveryLog, type RecoveryLogReading } from '../recovery-log/read-recovery-log.js';
import { openRecoveryLog } from '../recovery-log/recovery-log.js';
import { withDatabase } from './operator-database.js';
import { done, misused, type Outcome, refused } from './outcome.js';
import { recordCommand } from './record-command.js';
import { table } from './table.js';

/** On one screen; a database that failed over more often has other troubles. */
const RECOVERIES_SHOWN = 20;

export interface RecoveredOptions {
  readonly reason: string;
  readonly above?: number;
}

/** `status` */
export function status(): Promise<Outcome> {
  const { logDirectory } = readRecoverySettings();
  return withDatabase(async (pool) => {
    const identities = await readIdentities(pool);
    const position = await readPosition(pool);
    const recoveries = await listRecoveries(pool, RECOVERIES_SHOWN);
    const restoration = await readRestorationProgress(pool);
    const log = logDirectory === null ? null : await readRecoveryLog(logDirectory);
    const state = stateOf(identities, position, log, await forgetsStatusesOf(pool, log));
    return done(
      {
        state,
        ...identities,
        numbers: position,
        recoveries,
        restoration,
        recoveryLog: log === null ? null : logFacts(logDirectory, log),
      },
      [
        `State: ${state}. ${STATES[state]}`,
        position === null ? 'No server has ever started on it.' : numbersLine(position),
        log === null ? 'RECOVERY_LOG_DIRECTORY is not set: no recovery log is read.' : logLine(logDirectory, log),
        ...restorationLines(restoration),
        '',
        recoveryTable(recoveries),
      ].join('\n'),
    );
  });
}

/** `recovered` */
export function recovered({ reason, above }: RecoveredOptions, clock: Clock): Promise<Outcome> {
  const { logDirectory } = readRecoverySettings();
  return withPrivatePool(readDatabaseSettings(), async (pool) => {
    const position = await readPosition(pool);
    if (position === null)
      return refused('No server has ever started on this database, so no number was ever given from it.');
    if (above !== undefined && (above < position.numberMin || above > position.numberMax))
      return misused(
        `--above must be between ${position.numberMin} and ${position.numberMax}, the numbers of this environment.`,
      );
    const servers = await countServers(pool);
    if (servers > 0)
      return refused(
        `Servers are connected to this database (${servers} sessions): they may be giving numbers that were given before. ` +
          'Stop all servers, and run this again.',
      );
    const log = logDirectory === null ? null : await readRecoveryLog(logDirectory);
    const result = await recover(pool, {
      log,
      saysOperator: true,
      numberKnown: above ?? null,
      record: (sql, { why, highestNumber, nextNumber }) =>
        recordCommand(sql, {
          action: 'database.recovered',
          subject: 'database',
          reason,
          facts: { why, highestNumber, nextNumber },
        }),
    });
    if (result.result === 'nothing_to_do') throw new Error('an operator said so, and nothing was done');
    const { recovery, replayed } = result;
    const at = recovery.recoveredAt.toISOString();
    await openRecoveryLog(logDirectory, clock.now()).append({
      kind: 'numbers_given',
      at,
      number: recovery.nextNumber - 1,
    });
    const rebuilt = await rebuildStatisticsIfDue(pool);
    return done(
      { recovery, replayed, unreadable: log?.unreadable ?? [], rebuilt },
      [
        `The numbers go on at ${recovery.nextNumber}; the highest that is known to have been given is ${recovery.highestNumber}.`,
        ...replayLines(replayed, log),
        ...(rebuilt === null ? [] : [`The sums of reports were made anew (${rebuilt.invoices} invoices).`]),
        'The servers may be started.',
      ].join('\n'),
    );
  });
}

async function countServers(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ servers: number }>(
    `SELECT count(*)::integer AS servers FROM pg_stat_activity
     WHERE datname = current_database() AND application_name IN ('tax-control server', 'tax-control reports')`,
  );
  return rows[0]?.servers ?? 0;
}

const STATES = {
  same: 'It is the database that codes were last given on.',
  standby: 'It is a standby. Nothing can be issued on it before it is promoted.',
  unused: 'It is recorded by no server yet.',
  diverged:
    'It is another database than the one that codes were last given on (a failover, or a restored copy). The servers move its numbers on when they start.',
  restarted:
    'PostgreSQL was started anew since codes were last given, perhaps on an older copy of the data. The servers move their numbers on before they issue.',
  older:
    'It is an older copy: the recovery log knows of later numbers, or of suspensions or revocations that it has forgotten. The servers move its numbers on when they start.',
} as const;

function stateOf(
  { present, recorded }: Identities,
  position: NumberPosition | null,
  log: RecoveryLogReading | null,
  forgets: boolean,
): keyof typeof STATES {
  if (present === null) return 'standby';
  if (recorded === null) return 'unused';
  const divergence = divergenceOf(present, recorded);
  if (divergence !== null && divergence !== 'restarted') return 'diverged';
  const known = knownNumber(position, log);
  const isBehind = position !== null && known !== null && known > position.number;
  if (isBehind || forgets) return 'older';
  return divergence ?? 'same';
}

function numbersLine({ number, numberMin, numberMax }: NumberPosition): string {
  const left = (100 * (numberMax - number)) / (numberMax - numberMin + 1);
  const last = number < numberMin ? 'No number was given yet' : `The last number is ${number}`;
  return `${last}; ${left.toFixed(1)} % of the numbers are left.`;
}

/** What a restore forgot, and how far it is back. */
function restorationLines(progress: RestorationProgress | null): string[] {
  if (progress === null) return [];
  const { recoveredAt, restored, restoredFrom, restoredUntil, terminals, confirmed, outstanding, revoked } = progress;
  const { excused, knownByReceipt, disputes, settledDisputes } = progress;
  const span =
    restoredFrom === null || restoredUntil === null
      ? ''
      : `, registered from ${restoredFrom.toISOString()} until ${restoredUntil.toISOString()}`;
  const missing = terminals - confirmed - excused;
  const more = missing > outstanding.length ? `, and ${missing - outstanding.length} more` : '';
  return [
    `Invoices that tills brought back: ${restored}${span}.`,
    terminals === 0
      ? 'No till was enrolled before the last jump.'
      : terminals === excused
        ? 'An operator excused all tills that were enrolled before the last jump.'
        : missing === 0
          ? `All ${confirmed} tills have found what they hold on file since the jump of ${recoveredAt.toISOString()}.`
          : `Not heard of since the jump of ${recoveredAt.toISOString()}: ${missing} of ${terminals} tills (${outstanding.join(', ')}${more}).`,
    ...(excused === 0 ? [] : [`Tills that nobody waits for, because an operator excused them: ${excused}.`]),
    ...(revoked === 0 ? [] : [`Revoked tills, whose receipts come back by their journals alone: ${revoked}.`]),
    ...(knownByReceipt === 0
      ? []
      : [`Invoices known by a customer's receipt alone: ${knownByReceipt}. See: tax-control receipt list`]),
    ...(disputes === 0
      ? []
      : [`Genuine receipts that contradict what is on file: ${disputes}. See: tax-control dispute list`]),
    ...(settledDisputes === 0 ? [] : [`Disputes of codes that were settled: ${settledDisputes}.`]),
  ];
}

function logFacts(
  directory: string | null,
  { files, entries, highestNumbers, unreadable }: RecoveryLogReading,
): object {
  return { directory, files, entries: entries.length, highestNumbers, unreadable };
}

function logLine(directory: string | null, { files, entries, unreadable }: RecoveryLogReading): string {
  const bad = unreadable.length === 0 ? '' : `; lines that cannot be read: ${unreadable.join(', ')}`;
  return `Recovery log ${directory}: ${entries.length} entries in ${files} files${bad}.`;
}

function replayLines(replayed: Replayed | null, log: RecoveryLogReading | null): string[] {
  if (replayed === null)
    return ['RECOVERY_LOG_DIRECTORY is not set: look through revocations and invitations since the backup by hand.'];
  const { terminals, invitations } = replayed;
  const lines = [
    `From the recovery log: ${terminals.terminals} terminals, ${terminals.certificates} certificates, ${terminals.statuses} changes of status, ` +
      `${terminals.revokedCertificates} revoked certificates, ${invitations.made} invitations made, ${invitations.used} used, ${invitations.ended} ended.`,
  ];
  if (terminals.unknownTerminals.length > 0)
    lines.push(
      `Not on file, because their premises are not: ${terminals.unknownTerminals.join(', ')}. Add the premises (tax-control premises add) and run this again.`,
    );
  if (log !== null && log.unreadable.length > 0)
    lines.push(`Lines of the recovery log that cannot be read: ${log.unreadable.join(', ')}.`);
  return lines;
}

function recoveryTable(recoveries: readonly Recovery[]): string {
  return table(
    ['RECOVERED', 'WHY', 'HIGHEST NUMBER', 'WENT ON AT', 'NEWEST ON FILE'],
    recoveries.map((one) => [
      one.recoveredAt.toISOString(),
      one.why,
      String(one.highestNumber),
      String(one.nextNumber),
      one.newestOnFileAt.toISOString(),
    ]),
  );
}
