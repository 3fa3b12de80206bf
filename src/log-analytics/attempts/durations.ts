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

/** A place in the histograms, from 1: how many lie there, and the longest of the sums that reach so far. */
type BucketRow = Readonly<Record<Measure, string | null>> &
  Readonly<Record<`${Measure}_ms_max`, string | null>> & { readonly place: number };

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
  if (sources.length === 0) return durationsOf([]);
  // Added up place by place: half the work of adding whole arrays one to the other.
  const { rows } = await sql.query<BucketRow>(
    `SELECT place::integer, ${MEASURES.map((measure) => `sum(${measure}) AS ${measure}, max(${measure}_ms_max) AS ${measure}_ms_max`).join(', ')}
     FROM (${sources.join(' UNION ALL ')}) AS source
     CROSS JOIN LATERAL unnest(${MEASURES.map((measure) => `${measure}_counts`).join(', ')})
       WITH ORDINALITY AS bucket(${MEASURES.join(', ')}, place)
     GROUP BY place`,
    values.list,
  );
  return durationsOf(rows);
}

function durationsOf(rows: readonly BucketRow[]): TillDurations {
  const of = (measure: Measure): Durations => {
    const counts: number[] = Array.from({ length: Math.max(0, ...rows.map(({ place }) => place)) }, () => 0);
    for (const row of rows) counts[row.place - 1] = Number(row[measure] ?? 0);
    const longest = rows.flatMap((row) => row[`${measure}_ms_max`] ?? []).map(Number);
    const maxMs = longest.length === 0 ? null : Math.min(Math.max(...longest), DURATION_MS_MAX);
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
