import type { Filter, SilentTerminal } from '@tax-control/protocol/console';
import type { Sql } from '../../registry/sql.js';
import type { View } from '../statistics/scope.js';
import { type ActiveDay, type Closing, habitHours, silenceLimitHours, silentHours } from './habit.js';
import { MISSING_RULE } from './limits.js';
import { PLACE_COLUMNS, placeOf, type PlaceRow, TERMINALS_IN_VIEW, viewValues } from './terminals-in-view.js';

interface QuietRow extends PlaceRow {
  readonly last_sign_at: Date | null;
  readonly quiet_since: Date;
}

interface ActivityRow extends ActiveDay {
  readonly terminal_id: string;
}

interface ClosingRow {
  readonly premises_id: string;
  readonly start: Date;
  readonly end: Date;
}

/** Active terminals that are silent for longer than their habit, the longest first. @param now milliseconds */
export async function findSilentTerminals(
  sql: Sql,
  filter: Filter,
  view: View,
  now: number,
): Promise<readonly SilentTerminal[]> {
  const { rows: quiet } = await sql.query<QuietRow>(QUIET_TERMINALS, [...viewValues(view, filter), new Date(now)]);
  if (quiet.length === 0) return [];
  const [activity, closings] = await Promise.all([
    sql.query<ActivityRow>(ACTIVITY, [quiet.map((row) => row.terminal_id), quiet.map((row) => row.quiet_since)]),
    sql.query<ClosingRow>(CLOSINGS, [quiet.map((row) => row.premises_id), new Date(now)]),
  ]);
  const days = groupBy(activity.rows, (row) => row.terminal_id);
  const closed = groupBy(closings.rows, (row) => row.premises_id);
  return quiet
    .map((row) =>
      toSilent(row, days.get(row.terminal_id) ?? [], (closed.get(row.premises_id) ?? []).map(toClosing), now),
    )
    .filter((item) => item.silentHours > silenceLimitHours(item.habitHours))
    .toSorted((one, other) => other.silentHours - one.silentHours || (one.terminalId < other.terminalId ? -1 : 1));
}

/** When anything last arrived of each terminal; those of which nothing did are not in it. */
export async function readLastSigns(sql: Sql, terminalIds: readonly string[]): Promise<ReadonlyMap<string, Date>> {
  const { rows } = await sql.query<{ terminal_id: string; last_sign_at: Date }>(
    `SELECT terminal_id, last_sign_at FROM terminal_sign WHERE terminal_id = ANY ($1::text[]) AND last_sign_at > '-infinity'`,
    [terminalIds],
  );
  return new Map(rows.map((row) => [row.terminal_id, row.last_sign_at]));
}

function toSilent(
  row: QuietRow,
  days: readonly ActiveDay[],
  closings: readonly Closing[],
  now: number,
): SilentTerminal {
  return {
    kind: 'silent_terminal',
    ...placeOf(row),
    since: row.quiet_since.toISOString(),
    lastSignAt: row.last_sign_at?.toISOString() ?? null,
    silentHours: round(silentHours(row.quiet_since.getTime(), now, closings)),
    habitHours: round(habitHours(days)),
  };
}

function toClosing({ start, end }: ClosingRow): Closing {
  return { start: start.getTime(), end: end.getTime() };
}

/** To a tenth of an hour: six minutes of silence tell nobody anything. */
function round(hours: number): number {
  return Math.round(hours * 10) / 10;
}

function groupBy<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group === undefined) groups.set(keyOf(row), [row]);
    else group.push(row);
  }
  return groups;
}

// Enrolled and never heard of counts from its certificate on: it stands in a shop, or nobody would have enrolled it.
const QUIET_TERMINALS = `
  WITH ${TERMINALS_IN_VIEW}
  SELECT ${PLACE_COLUMNS}, last_sign_at, COALESCE(last_sign_at, enrolled_at) AS quiet_since
  FROM seen
  LEFT JOIN terminal_sign ON terminal_sign.terminal_id = seen.terminal_id AND last_sign_at > '-infinity'
  LEFT JOIN LATERAL (
    SELECT max(issued_at) AS enrolled_at FROM terminal_certificate
    WHERE terminal_sign.terminal_id IS NULL AND terminal_certificate.terminal_id = seen.terminal_id
  ) AS enrolment ON true
  WHERE status = 'active'
    AND COALESCE(last_sign_at, enrolled_at) < $6::timestamptz - make_interval(hours => ${MISSING_RULE.silentHoursMin})`;

const ACTIVITY = `
  SELECT quiet.terminal_id, day::text AS day, quarters::text AS quarters
  FROM unnest($1::text[], $2::timestamptz[]) AS quiet(terminal_id, since)
  JOIN terminal_activity ON terminal_activity.terminal_id = quiet.terminal_id
    AND day > since::date - ${MISSING_RULE.habitDays} AND day <= since::date + 1
  ORDER BY quiet.terminal_id, day`;

const CLOSINGS = `
  SELECT premises_id, starts_at AS start, ends_at AS "end" FROM seasonal_closing
  WHERE premises_id = ANY ($1::text[]) AND withdrawn_at IS NULL AND starts_at < $2`;
