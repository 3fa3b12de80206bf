import type { Sql } from '../../registry/sql.js';
import type { FailureInterval, Place, Places } from './failure.js';
import { type InUseByQuarter, quartersAround } from './in-use.js';
import { INCIDENT_RULE, QUARTER_MS } from './rule.js';

/** Whose failures: all, or those of terminals in these premises. */
export type SeenPremises = 'all' | readonly string[];

/** Failures read for one request, the newest first: a country's month, or a year of some thousand tills. */
export const INTERVALS_MAX = 50_000;

/** `$1` is null for all premises. */
const SEEN = `($1::text[] IS NULL OR terminal.premises_id = ANY ($1::text[]))`;

export function premisesValue(premises: SeenPremises): readonly string[] | null {
  return premises === 'all' ? null : premises;
}

/** Where the terminals stand that may be seen. */
export async function readPlaces(sql: Sql, premises: SeenPremises): Promise<Places> {
  const { rows } = await sql.query<{
    terminal_id: string;
    premises_id: string;
    premises_name: string;
    taxpayer_id: string;
    taxpayer_name: string;
    region: string;
  }>(
    `SELECT terminal_id, premises_id, premises.name AS premises_name, taxpayer_id, taxpayer.name AS taxpayer_name, region
     FROM terminal JOIN premises USING (premises_id, taxpayer_id) JOIN taxpayer USING (taxpayer_id) WHERE ${SEEN}`,
    [premisesValue(premises)],
  );
  return new Map(
    rows.map((row): [string, Place] => [
      row.terminal_id,
      {
        terminalId: row.terminal_id,
        premisesId: row.premises_id,
        premisesName: row.premises_name,
        taxpayerId: row.taxpayer_id,
        taxpayerName: row.taxpayer_name,
        region: row.region,
      },
    ]),
  );
}

/**
 * Failures that overlap the period, and what may have begun with those of them that began before it or began late in it.
 * @param fromMs inclusive, @param toMs exclusive, milliseconds since 1970
 */
export async function readIntervals(
  sql: Sql,
  premises: SeenPremises,
  fromMs: number,
  toMs: number,
): Promise<readonly FailureInterval[]> {
  const { rows } = await sql.query<IntervalRow>(READ_INTERVALS, [
    premisesValue(premises),
    new Date(fromMs),
    new Date(toMs),
    INCIDENT_RULE.noticeMsMax,
    INTERVALS_MAX,
  ]);
  return rows.map((row) => ({
    terminalId: row.terminal_id,
    successBefore: row.success_before,
    startedAt: row.started_at,
    lastFailureAt: row.last_failure_at,
    endedAt: row.ended_at,
    failures: row.failures,
    invoices: row.invoices,
    quietMs: row.quiet_ms,
    cause: row.cause,
  }));
}

interface IntervalRow {
  readonly terminal_id: string;
  readonly success_before: number | null;
  readonly started_at: number;
  readonly last_failure_at: number;
  readonly ended_at: number | null;
  readonly failures: number;
  readonly invoices: number;
  readonly quiet_ms: number;
  readonly cause: string;
}

// Milliseconds as float8 arrive as numbers, which is cheaper than a date for each.
const MS = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::float8 AS ${column}`;
const READ_INTERVALS = `
  WITH notice AS (SELECT $4::float8 * interval '1 millisecond' AS time_max),
  early AS (
    SELECT started_at FROM failure_interval JOIN terminal USING (terminal_id)
    WHERE tstzrange(started_at, ended_at, '[]') @> $2::timestamptz AND started_at < $2 AND ${SEEN}
  )
  SELECT terminal_id, ${MS('started_at')}, ${MS('success_before')}, ${MS('last_failure_at')}, ${MS('ended_at')},
         failures, invoices, quiet_ms::float8 AS quiet_ms, cause
  FROM failure_interval JOIN terminal USING (terminal_id) CROSS JOIN notice
  WHERE ${SEEN} AND (
      (started_at >= $2 AND started_at < $3::timestamptz + time_max)
      OR tstzrange(started_at, ended_at, '[]') @> $2::timestamptz
      OR (started_at < $2 AND EXISTS (
            SELECT FROM early
            WHERE failure_interval.started_at BETWEEN early.started_at - time_max AND early.started_at + time_max
          ))
    )
  ORDER BY failure_interval.started_at DESC LIMIT $5`;

/** How many terminals of each premises were in use around these quarter-hours. */
export async function readInUse(
  sql: Sql,
  premises: SeenPremises,
  quarters: readonly number[],
): Promise<InUseByQuarter> {
  const windows = quarters.flatMap(windowsOf);
  const inUse = new Map(quarters.map((quarter) => [quarter, new Map<string, number>()]));
  if (windows.length === 0) return inUse;
  const { rows } = await sql.query<{ quarter: number; premises_id: string; terminals: number }>(READ_IN_USE, [
    premisesValue(premises),
    windows.map(({ quarter }) => quarter),
    windows.map(({ day }) => day),
    windows.map(({ mask }) => mask),
  ]);
  for (const { quarter, premises_id: premisesId, terminals } of rows) inUse.get(quarter)?.set(premisesId, terminals);
  return inUse;
}

const READ_IN_USE = `
  SELECT quarter, premises_id, count(DISTINCT terminal_id)::integer AS terminals
  FROM unnest($2::integer[], $3::date[], $4::text[]) AS around(quarter, day, mask)
  JOIN terminal_activity USING (day) JOIN terminal USING (terminal_id)
  WHERE ${SEEN} AND (quarters & mask::bit(96)) <> repeat('0', 96)::bit(96)
  GROUP BY quarter, premises_id`;

const QUARTERS_PER_DAY = 96;

/** The days, and in each the bits, that belong to a quarter-hour's surroundings. */
function windowsOf(quarter: number): readonly { quarter: number; day: string; mask: string }[] {
  const { from, to } = quartersAround(quarter);
  const masks = new Map<number, string[]>();
  for (let around = from; around <= to; around++) {
    const day = Math.floor(around / QUARTERS_PER_DAY);
    const bits = masks.get(day) ?? Array.from({ length: QUARTERS_PER_DAY }, () => '0');
    bits[around - day * QUARTERS_PER_DAY] = '1';
    masks.set(day, bits);
  }
  return [...masks].map(([day, bits]) => ({
    quarter,
    day: new Date(day * QUARTERS_PER_DAY * QUARTER_MS).toISOString().slice(0, 'yyyy-mm-dd'.length),
    mask: bits.join(''),
  }));
}
