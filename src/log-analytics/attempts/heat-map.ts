import type { HeatCell } from '@tax-control/protocol/console';
import type { Sql } from '../../registry/sql.js';
import type { CheckedPeriod, Span } from '../statistics/period.js';
import { type Grain } from '../statistics/spans.js';
import { type OffsetStretch, offsetStretches } from '../statistics/zone.js';
import {
  type AttemptQuery,
  attemptSources,
  COUNT_COLUMNS,
  COUNT_GRAINS,
  type GrainsOfLevel,
} from './attempt-sources.js';
import { StatementValues } from './statement.js';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const HOURS_OF_DAY = 24;
const HOURS_OF_WEEK = 7 * HOURS_OF_DAY;
/** 1970-01-01 was a Thursday, three days after a Monday. */
const HOURS_SINCE_MONDAY_OF_1970 = 3 * HOURS_OF_DAY;

/** Attempts and failures by weekday and hour of the zone; cells without attempts are left out. `causes` narrow the failures alone. */
export async function readHeatMap(sql: Sql, query: AttemptQuery, period: CheckedPeriod): Promise<HeatCell[]> {
  const values = new StatementValues();
  const stretches = within(offsetStretches(period.zone, period.fromMs, period.toMs), period);
  const steps = stretches.map(({ fromMs, untilMs }) => ({ fromMs, toMs: untilMs }));
  const sources = attemptSources(values, { ...query, causes: null }, steps, grainsFor(stretches), COUNT_COLUMNS);
  if (sources.length === 0) return [];
  const failed = query.causes === null ? `cause <> ''` : `cause = ANY(${values.add(query.causes, 'text[]')})`;
  const { rows } = await sql.query<{ cell: number; attempts: string; failures: string | null }>(
    `SELECT (((floor(extract(epoch FROM at))::bigint + ${offsetCase(values, stretches)}) / 3600 + ${HOURS_SINCE_MONDAY_OF_1970})
         % ${HOURS_OF_WEEK})::integer AS cell,
       sum(attempts) AS attempts, sum(attempts) FILTER (WHERE ${failed}) AS failures
     FROM (${sources.join(' UNION ALL ')}) AS source
     GROUP BY cell HAVING sum(attempts) <> 0 ORDER BY cell`,
    values.list,
  );
  return rows.map(({ cell, attempts, failures }) => ({
    weekday: Math.floor(cell / HOURS_OF_DAY) + 1,
    hour: cell % HOURS_OF_DAY,
    attempts: Number(attempts),
    failures: Number(failures ?? 0),
  }));
}

/** The stretches, cut to a span. */
function within(stretches: readonly OffsetStretch[], { fromMs, toMs }: Span): OffsetStretch[] {
  return stretches
    .filter((stretch) => stretch.fromMs < toMs && stretch.untilMs > fromMs)
    .map((stretch) => ({
      ...stretch,
      fromMs: Math.max(stretch.fromMs, fromMs),
      untilMs: Math.min(stretch.untilMs, toMs),
    }));
}

/** Local hours are whole hours of UTC in most zones; elsewhere they are quarters. */
function grainsFor(stretches: readonly OffsetStretch[]): GrainsOfLevel {
  const fit: readonly Grain[] = stretches.every(({ offsetMs }) => offsetMs % HOUR_MS === 0)
    ? ['quarter', 'hour']
    : ['quarter'];
  const ofLevel = (grains: readonly Grain[]): readonly Grain[] => grains.filter((grain) => fit.includes(grain));
  return {
    all: ofLevel(COUNT_GRAINS.all),
    region: ofLevel(COUNT_GRAINS.region),
    taxpayer: ofLevel(COUNT_GRAINS.taxpayer),
    premises: ofLevel(COUNT_GRAINS.premises),
    terminal: ofLevel(COUNT_GRAINS.terminal),
  };
}

/** Seconds to add to UTC at `at`. */
function offsetCase(values: StatementValues, stretches: readonly OffsetStretch[]): string {
  const branches = stretches.map(({ untilMs, offsetMs }) => {
    const until = values.add(new Date(untilMs), 'timestamptz');
    return `WHEN at < ${until} THEN ${values.add(offsetMs / SECOND_MS, 'bigint')}`;
  });
  return `CASE ${branches.join(' ')} END`;
}
