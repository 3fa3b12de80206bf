import type { AttemptOutcome, Door } from '@tax-control/protocol';
import type { Sql } from '../../registry/sql.js';
import type { Span } from '../statistics/period.js';
import type { Scope } from '../statistics/scope.js';
import { type AttemptQuery, attemptSources, COUNT_COLUMNS, COUNT_GRAINS, narrowing } from './attempt-sources.js';
import { StatementValues } from './statement.js';

/** Attempts of one kind in one step. `cause` is empty for a success. */
export interface StepCount {
  readonly step: number;
  readonly door: Door;
  readonly outcome: AttemptOutcome;
  readonly cause: string;
  readonly attempts: number;
}

/** Counts attempts by step, door, outcome and cause. The steps are in order and without gaps. */
export async function countBySteps(sql: Sql, query: AttemptQuery, steps: readonly Span[]): Promise<StepCount[]> {
  const values = new StatementValues();
  const sources = attemptSources(values, query, steps, COUNT_GRAINS, COUNT_COLUMNS);
  if (sources.length === 0) return [];
  const starts = values.addTimes(steps.map(({ fromMs }) => fromMs));
  const { rows } = await sql.query<Omit<StepCount, 'attempts'> & { attempts: string }>(
    `SELECT width_bucket(at, ${starts}) - 1 AS step, door, outcome, cause, sum(attempts) AS attempts
     FROM (${sources.join(' UNION ALL ')}) AS source
     GROUP BY step, door, outcome, cause HAVING sum(attempts) <> 0`,
    values.list,
  );
  return rows.map((row) => ({ ...row, attempts: Number(row.attempts) }));
}

/** Entries that arrived in a span with a time that no clock can have meant. They are in no other count. */
export async function countUnplaced(sql: Sql, query: AttemptQuery, span: Span): Promise<number> {
  const values = new StatementValues();
  const { rows } = await sql.query<{ count: string }>(
    `SELECT count(*) FROM transaction_log_entry
     WHERE NOT is_placed AND ${values.within('received_at', span)}
       ${scopeCondition(values, query.scope)} ${narrowing(values, query, 'counted_cause')}`,
    values.list,
  );
  return Number(rows[0]?.count);
}

/**
 * Refused authentications that name no attempt, by the minute in which they began. Those of strangers are nobody's: they count only
 * where all is looked at. They came by no door.
 */
export async function countRefusedAuthentications(
  sql: Sql,
  { scope, door, causes }: AttemptQuery,
  span: Span,
): Promise<number> {
  if (door !== null) return 0;
  const values = new StatementValues();
  const { rows } = await sql.query<{ count: string | null }>(
    `SELECT sum(attempts) AS count FROM refused_authentication
     WHERE ${values.within('minute', span)} ${scopeCondition(values, scope)}
       ${causes === null ? '' : `AND cause = ANY(${values.add(causes, 'text[]')})`}`,
    values.list,
  );
  return Number(rows[0]?.count ?? 0);
}

/** Condition for rows with a `terminal_id`: those of the scope. */
export function scopeCondition(values: StatementValues, { premises, terminals }: Scope): string {
  if (terminals !== null) return `AND terminal_id = ANY(${values.add(terminals, 'text[]')})`;
  if (premises === 'all') return '';
  const list = values.add(premises, 'text[]');
  return `AND terminal_id IN (SELECT terminal_id FROM terminal WHERE premises_id = ANY(${list}))`;
}
