import type { Environment } from '@tax-control/protocol';
import type { Pool } from 'pg';
import { type Divergence, divergenceOf, keepNumbersAboveFloor, readIdentities } from '../database/identity.js';
import { DatabaseNotRecovered } from '../database/session-guard.js';
import { inTransaction } from '../database/transaction.js';
import type { RecoveryLogReading } from '../recovery-log/read-recovery-log.js';
import { forgetsStatuses } from '../registry/replay-terminals.js';
import type { Sql } from '../registry/sql.js';
import { entriesOf, type Replayed, replayLog } from './replay-log.js';

/** `older_copy`: numbers or changes of status are known that this database has not come to yet. `operator`: somebody said so. */
export type RecoveryReason = Divergence | 'older_copy' | 'operator';

/** One jump of the numbers. Times are the database's; numbers are those of the sequence. */
export interface Recovery {
  readonly recoveryId: number;
  readonly recoveredAt: Date;
  readonly why: RecoveryReason;
  readonly newestOnFileAt: Date;
  readonly highestNumber: number;
  readonly nextNumber: number;
  /** The sums of reports are of another cluster's transactions, and not yet made anew. */
  readonly statisticsDue: boolean;
}

export type RecoveryResult =
  | { readonly result: 'recovered'; readonly recovery: Recovery; readonly replayed: Replayed | null }
  /** It is the recorded database; another instance may have been first. */
  | { readonly result: 'nothing_to_do' };

/** @property numberKnown from elsewhere than the recovery log, by an operator; null: none */
export interface RecoveryOrder {
  readonly log: RecoveryLogReading | null;
  readonly saysOperator: boolean;
  readonly numberKnown: number | null;
  /** One that was given, as its receipt proves, and is neither on file nor below a jump; left out: none is known. */
  readonly numberForgotten?: number;
  /** Does more in the same transaction. */
  readonly record?: (sql: Sql, recovery: Recovery) => Promise<void>;
}

/**
 * If this is another database than the one that codes were given on, or an older copy of it: tells it what the recovery log has, and moves its
 * numbers on behind everything that can have been given. In one transaction under a lock, so that of several instances one does it,
 * once. Invoices that are on file stay as they are.
 *
 * @throws DatabaseNotRecovered on a standby; the database's refusal, when there are no numbers left
 */
export function recover(
  pool: Pool,
  { log, saysOperator, numberKnown, numberForgotten, record }: RecoveryOrder,
): Promise<RecoveryResult> {
  return inTransaction(pool, async (client) => {
    await client.query(`SELECT pg_advisory_xact_lock(hashtext('database_recovery'))`);
    const { present, recorded } = await readIdentities(client);
    if (present === null) throw new DatabaseNotRecovered('standby');
    const position = await readPosition(client);
    const known = largest(numberKnown, knownNumber(position, log));
    const isProven = numberForgotten !== undefined && !(await isBelowJump(client, numberForgotten));
    // None is recorded where the copy is older than the first start with this version.
    const divergence = recorded === null ? 'other_tables' : divergenceOf(present, recorded);
    const isOlder = known !== null && position !== null && known > position.number;
    // A copy may be older by a revocation alone: nobody sells at night.
    const forgets = isOlder || isProven || (await forgetsStatusesOf(client, log));
    const why = whyOf(divergence, forgets, saysOperator);
    if (why === null) {
      await keepNumbersAboveFloor(client);
      return { result: 'nothing_to_do' };
    }
    const replayed = log === null ? null : await replayLog(client, log.entries);
    const { rows } = await client.query<Row>(`SELECT ${COLUMNS} FROM move_numbers_on($1, $2, $3, $4)`, [
      why,
      known,
      numberForgotten ?? null,
      saysOperator,
    ]);
    const [row] = rows;
    if (row === undefined) throw new Error('move_numbers_on gave no row');
    const recovery = recoveryOf(row);
    await record?.(client, recovery);
    return { result: 'recovered', recovery, replayed };
  });
}

/** A start anew alone says least: what is known beside it says more, and moves the numbers further. */
function whyOf(divergence: Divergence | null, forgets: boolean, saysOperator: boolean): RecoveryReason | null {
  if (divergence !== null && divergence !== 'restarted') return divergence;
  if (forgets) return 'older_copy';
  return saysOperator ? 'operator' : divergence;
}

/** Whether a jump was made behind this number: then that it is not on file needs no further one. */
export async function isBelowJump(sql: Sql, number: number): Promise<boolean> {
  const { rows } = await sql.query<{ below: boolean }>(
    'SELECT EXISTS (SELECT FROM database_recovery WHERE next_number > $1) AS below',
    [number],
  );
  return rows[0]?.below === true;
}

/** The jumps so far, the newest first. */
export async function listRecoveries(sql: Sql, rowsMax: number): Promise<Recovery[]> {
  const { rows } = await sql.query<Row>(`SELECT ${COLUMNS} FROM database_recovery ORDER BY recovery_id DESC LIMIT $1`, [
    rowsMax,
  ]);
  return rows.map(recoveryOf);
}

/** The number that was given last, and the last one there is; null while no server has ever started. */
export interface NumberPosition {
  readonly environment: Environment;
  readonly number: number;
  readonly numberMin: number;
  readonly numberMax: number;
}

const POSITION = `
SELECT environment, COALESCE(last_value, min_value - 1) AS number, min_value AS number_min, max_value AS number_max
FROM pg_sequences JOIN installation
  ON sequencename = CASE environment WHEN 'production' THEN 'tax_control_number' ELSE 'tax_control_number_test' END
WHERE schemaname = current_schema()`;

interface PositionRow {
  readonly environment: Environment;
  readonly number: string;
  readonly number_min: string;
  readonly number_max: string;
}

/** Where the numbers of this database's environment stand. */
export async function readPosition(sql: Sql): Promise<NumberPosition | null> {
  const { rows } = await sql.query<PositionRow>(POSITION);
  const [row] = rows;
  if (row === undefined) return null;
  const { environment, number, number_min: min, number_max: max } = row;
  return { environment, number: Number(number), numberMin: Number(min), numberMax: Number(max) };
}

/** The highest number in the recovery log. One of the other environment says nothing here: the same folder may serve both. */
export function knownNumber(position: NumberPosition | null, log: RecoveryLogReading | null): number | null {
  return position === null || log === null ? null : log.highestNumbers[position.environment];
}

/** Whether suspensions or revocations are in the recovery log that this database does not know. */
export async function forgetsStatusesOf(sql: Sql, log: RecoveryLogReading | null): Promise<boolean> {
  return log !== null && (await forgetsStatuses(sql, entriesOf('terminal_status', log.entries)));
}

function largest(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}

const COLUMNS =
  'recovery_id, recovered_at, why, newest_on_file_at, highest_number, next_number, statistics_due AND statistics_rebuilt_at IS NULL AS due';

interface Row {
  readonly recovery_id: number;
  readonly recovered_at: Date;
  readonly why: RecoveryReason;
  readonly newest_on_file_at: Date;
  readonly highest_number: string;
  readonly next_number: string;
  readonly due: boolean;
}

function recoveryOf(row: Row): Recovery {
  return {
    recoveryId: row.recovery_id,
    recoveredAt: row.recovered_at,
    why: row.why,
    newestOnFileAt: row.newest_on_file_at,
    highestNumber: Number(row.highest_number),
    nextNumber: Number(row.next_number),
    statisticsDue: row.due,
  };
}
