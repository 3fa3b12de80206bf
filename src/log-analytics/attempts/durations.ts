import type { Durations, TillDurations } from '@tax-control/protocol/console';
import type { Sql } from '../../registry/sql.js';
import { QUANTILE_ERROR_SHARE, quantileMs } from '../statistics/histogram.js';
import type { Span } from '../statistics/period.js';
import { type AttemptQuery, attemptSources, DURATION_GRAINS, type SourceColumns } from './attempt-sources.js';
import { StatementValues } from './statement.js';

/** A day or longer is a day (migrations, `add_duration`). */
const DURATION_MS_MAX = 86_400_000;
const MEASURES = ['connect', 'tls', 'answer', 'total'] as const;
type Measure = (typeof MEASURES)[number];

type DurationRow = Readonly<Record<`${Measure}_counts`, readonly (number | null)[] | null>> &
  Readonly<Record<`${Measure}_ms_max`, string | null>>;

const ROW_COLUMNS = MEASURES.flatMap((measure) => [
  `duration_counts(${measure}_ms) AS ${measure}_counts`,
  `max(${measure}_ms) AS ${measure}_ms_max`,
]).join(', ');

const COLUMNS: SourceColumns = {
  counts: () => MEASURES.flatMap((measure) => [`${measure}_counts`, `${measure}_ms_max`]).join(', '),
  entries: ROW_COLUMNS,
  // No till told of these, so nothing was measured.
  events: ROW_COLUMNS,
};

/** How long connecting, TLS, the answer and the whole took at the tills, of the attempts asked for. */
export async function readDurations(sql: Sql, query: AttemptQuery, span: Span): Promise<TillDurations> {
  const values = new StatementValues();
  const sources = attemptSources(values, query, [span], DURATION_GRAINS, COLUMNS);
  if (sources.length === 0) return durationsOf(undefined);
  const { rows } = await sql.query<DurationRow>(
    `SELECT ${MEASURES.map((measure) => `sum_counts(${measure}_counts) AS ${measure}_counts, max(${measure}_ms_max) AS ${measure}_ms_max`).join(', ')}
     FROM (${sources.join(' UNION ALL ')}) AS source`,
    values.list,
  );
  return durationsOf(rows[0]);
}

function durationsOf(row: DurationRow | undefined): TillDurations {
  const of = (measure: Measure): Durations => {
    const counts = (row?.[`${measure}_counts`] ?? []).map((count) => count ?? 0);
    const longest = row?.[`${measure}_ms_max`] ?? null;
    const maxMs = longest === null ? null : Math.min(Number(longest), DURATION_MS_MAX);
    return {
      count: counts.reduce((sum, count) => sum + count, 0),
      medianMs: quantileMs(counts, 0.5, maxMs ?? 0),
      p95Ms: quantileMs(counts, 0.95, maxMs ?? 0),
      maxMs,
      errorShare: QUANTILE_ERROR_SHARE,
    };
  };
  return { connect: of('connect'), tls: of('tls'), answer: of('answer'), total: of('total') };
}
