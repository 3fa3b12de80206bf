import type { Pool, PoolClient } from 'pg';
import { inTransaction } from '../../database/transaction.js';
import { PLANS_FOR_FEW, planWithout } from '../plan-without.js';
import { GRAIN_MS } from '../statistics/spans.js';
import { KEPT, type Source, SOURCES } from './sources.js';

/**
 * What one run did. `elsewhere`: another instance is at it. `foreign`: the mark is of another cluster's transactions, so the database was
 * restored by pg_restore, and only a rebuild makes the figures right again.
 */
export type RollUpResult =
  | { readonly result: 'done'; readonly rows: number; readonly more: boolean }
  | { readonly result: 'elsewhere' }
  | { readonly result: 'foreign' };

/** The place up to which rows of a source are in the sums: transaction number and row number, both as text. */
interface Mark {
  readonly recordedIn: string;
  readonly number: string;
}

/**
 * Takes rows that are complete, and not in the sums yet, over into the sums, in one transaction with the mark: each is counted once, whatever
 * fails. A row is complete when every transaction up to its own has ended (pg_snapshot_xmin), so that none can come later and be passed by;
 * until then, whoever reads adds it live.
 *
 * @param rowsMax of each source; `more` says that there were more
 */
export function rollUp(pool: Pool, rowsMax: number): Promise<RollUpResult> {
  return inTransaction(pool, async (client) => {
    const lock = await client.query<{ taken: boolean }>(
      `SELECT pg_try_advisory_xact_lock(hashtext('invoice_statistics')) AS taken`,
    );
    if (lock.rows[0]?.taken !== true) return { result: 'elsewhere' };
    let rows = 0;
    let more = false;
    for (const source of SOURCES) {
      const chunk = await findChunk(client, source, rowsMax);
      if (chunk === 'foreign') return { result: 'foreign' };
      if (chunk === 'empty') continue;
      rows += chunk.numbers.length;
      more ||= chunk.numbers.length === rowsMax;
      await takeOver(client, source, chunk);
    }
    return { result: 'done', rows, more };
  });
}

interface Chunk {
  /** Numbers of the rows. They are handed on one by one, so that the planner knows how few they are, however many a transaction wrote. */
  readonly numbers: readonly string[];
  /** The last of them: the new mark. */
  readonly upTo: Mark;
}

async function findChunk(client: PoolClient, source: Source, rowsMax: number): Promise<Chunk | 'empty' | 'foreign'> {
  const { rows: marks } = await client.query<Mark & { settled: string; foreign: boolean }>(
    `SELECT recorded_in::text AS "recordedIn", number, pg_snapshot_xmin(pg_current_snapshot())::text AS settled,
            recorded_in > pg_snapshot_xmin(pg_current_snapshot()) AS foreign
     FROM invoice_statistics_mark WHERE source = $1`,
    [source.table],
  );
  const [mark] = marks;
  if (mark === undefined) throw new Error(`invoice_statistics_mark has no row of ${source.table}`);
  if (mark.foreign) return 'foreign';
  const { rows } = await planWithout(client, PLANS_FOR_FEW, () =>
    client.query<Mark>(
      `SELECT recorded_in::text AS "recordedIn", ${source.numberColumn}::text AS number FROM ${source.table}
       WHERE (recorded_in, ${source.numberColumn}) > ($1::xid8, $2::bigint) AND recorded_in < $3::xid8
       ORDER BY recorded_in, ${source.numberColumn} LIMIT $4`,
      [mark.recordedIn, mark.number, mark.settled, rowsMax],
    ),
  );
  const last = rows.at(-1);
  return last === undefined ? 'empty' : { numbers: rows.map(({ number }) => number), upTo: last };
}

/** The beginning of a grain of `width` in which a time lies. */
function startOf(time: string, width: string): string {
  return `date_bin(${width}, ${time}, 'epoch'::timestamptz)`;
}

const SUMS = 'sum(times) AS times, sum(base) AS base, sum(amount) AS amount, max(longest_ms) AS longest_ms';

// Quarters of terminals first: every other sum is made of these few rows. In the order of the key, so that pages are touched once.
const takeOverSql = (source: Source): string => `
WITH quarter AS MATERIALIZED (
  SELECT terminal_id, premises_id, taxpayer_id, region, ${startOf('at', `'15 minutes'`)} AS at, figure, label, door, ${SUMS}
  FROM ${source.view}
  WHERE number = ANY($1::bigint[])
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
)
INSERT INTO invoice_statistics AS kept (level, unit, figure, grain, start, label, door, times, base, amount, longest_ms)
SELECT wanted.level, unit.id, wanted.figure, wanted.grain, ${startOf('at', 'wanted.width')}, label, door, ${SUMS}
FROM quarter
CROSS JOIN LATERAL (VALUES ('all', ''), ('region', region), ('taxpayer', taxpayer_id),
                           ('premises', premises_id), ('terminal', terminal_id)) AS unit(level, id)
JOIN unnest($2::text[], $3::text[], $4::text[], $5::interval[]) AS wanted(figure, level, grain, width)
  ON wanted.figure = quarter.figure AND wanted.level = unit.level
GROUP BY 1, 2, 3, 4, 5, 6, 7
ORDER BY 1, 2, 3, 4, 5, 6, 7
ON CONFLICT (level, unit, figure, grain, start, label, door) DO UPDATE
  SET times = kept.times + EXCLUDED.times, base = kept.base + EXCLUDED.base, amount = kept.amount + EXCLUDED.amount,
      longest_ms = GREATEST(kept.longest_ms, EXCLUDED.longest_ms)`;

// Who has its code by now waits no longer. An entry that comes later does not bring it back (the migration's trigger looks first).
const SETTLE_WAITING = `
DELETE FROM waiting_invoice USING ledger
WHERE ledger.sequence = ANY($1::bigint[])
  AND waiting_invoice.terminal_id = ledger.terminal_id AND waiting_invoice.invoice_id = ledger.invoice_id`;

async function takeOver(client: PoolClient, source: Source, { numbers, upTo }: Chunk): Promise<void> {
  await client.query(takeOverSql(source), [
    numbers,
    KEPT.map(({ figure }) => figure),
    KEPT.map(({ level }) => level),
    KEPT.map(({ grain }) => grain),
    KEPT.map(({ grain }) => `${GRAIN_MS[grain] / 1_000} seconds`),
  ]);
  if (source.table === 'ledger') await client.query(SETTLE_WAITING, [numbers]);
  await client.query('UPDATE invoice_statistics_mark SET recorded_in = $2::xid8, number = $3 WHERE source = $1', [
    source.table,
    upTo.recordedIn,
    upTo.number,
  ]);
}
