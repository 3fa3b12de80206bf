import type { HandedFinding } from '@tax-control/protocol/console';
import type { Sql } from '../registry/sql.js';

interface FaultRow {
  readonly kind: 'counter_twice' | 'counters_missing' | 'chain_broken';
  readonly journal_id: string;
  readonly counter: string;
  readonly previous: string;
  readonly count: string;
}

/**
 * What the counters and the chain of digests of a staged journal lack: told, never a condition. In the order of the counters, because what is
 * saved from a damaged file comes in any order.
 * @returns the first `max`, and how many there are
 */
export async function findChainFaults(
  sql: Sql,
  handedId: number,
  max: number,
): Promise<{ readonly faults: readonly HandedFinding[]; readonly count: number }> {
  const { rows } = await sql.query<FaultRow>(
    `WITH link AS (
       SELECT journal_id, counter, line, previous_digest, coalesce(lag(counter) OVER chain, 0) AS previous,
         lag(digest) OVER chain AS digest_before
       FROM handed_invoice WHERE handed_id = $1 AND journal_id IS NOT NULL AND counter IS NOT NULL
       WINDOW chain AS (PARTITION BY journal_id ORDER BY counter, line)
     ), fault AS (
       SELECT journal_id, counter, previous, line,
         CASE WHEN counter = previous THEN 'counter_twice'
              WHEN counter > previous + 1 THEN 'counters_missing'
              WHEN previous_digest IS DISTINCT FROM digest_before THEN 'chain_broken' END AS kind
       FROM link
     )
     SELECT kind, journal_id, counter, previous, count(*) OVER () AS count
     FROM fault WHERE kind IS NOT NULL ORDER BY journal_id, counter, line LIMIT $2`,
    [handedId, max],
  );
  return { faults: rows.map(findingOf), count: Number(rows[0]?.count ?? 0) };
}

function findingOf({ kind, journal_id: journalId, counter, previous }: FaultRow): HandedFinding {
  if (kind === 'counters_missing') return { kind, journalId, from: Number(previous) + 1, to: Number(counter) - 1 };
  return { kind, journalId, counter: Number(counter) };
}

/** Keeps what a journal lacks with it. */
export async function addFindings(
  sql: Sql,
  handedId: number,
  findings: readonly HandedFinding[],
  count: number,
): Promise<void> {
  await sql.query('UPDATE handed_journal SET findings = $2, findings_count = $3 WHERE handed_id = $1', [
    handedId,
    JSON.stringify(findings),
    count,
  ]);
}
