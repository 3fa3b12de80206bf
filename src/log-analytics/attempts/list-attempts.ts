import type { AttemptOutcome } from '@tax-control/protocol';
import type { AttemptRow, AttemptRowFilter } from '@tax-control/protocol/console';
import type { Sql } from '../../registry/sql.js';
import { groupOf } from '../statistics/causes.js';
import type { Span } from '../statistics/period.js';
import { type AttemptQuery, IS_UNTOLD, narrowing } from './attempt-sources.js';
import { scopeCondition } from './read-counts.js';
import { StatementValues } from './statement.js';

/** Where a list goes on: after the row with this time and id. */
export interface AttemptCursor {
  readonly at: string;
  readonly entryId: string;
}

/** Which part of a list: so many rows, after a row or after a number of rows. */
export interface ListPart {
  readonly limit: number;
  readonly skip?: number;
  readonly after?: AttemptCursor;
}

type Row = Omit<AttemptRow, 'at' | 'receivedAt' | 'group' | 'connectMs' | 'tlsMs' | 'answerMs' | 'totalMs'> & {
  readonly at: Date;
  readonly receivedAt: Date;
  readonly connectMs: string | null;
  readonly tlsMs: string | null;
  readonly answerMs: string | null;
  readonly totalMs: string | null;
};

const ENTRY_COLUMNS = `entry_id, terminal_id, at, received_at, 'till' AS source, NOT is_placed AS unplaced, door, invoice_id, outcome,
  cause, detail, address, connect_ms, tls_ms, answer_ms, total_ms`;
const EVENT_COLUMNS = `attempt_id, terminal_id, at, at, 'server', false, door, NULL, outcome, cause, NULL, NULL, NULL, NULL, NULL, NULL`;

/**
 * Attempts, newest first, failures alone unless more is asked for. Those of a time that no clock can have meant are listed where they are
 * asked for, by the time at which they arrived. Each attempt once: the till's word, or the server's where there is no other.
 */
export async function listAttempts(
  sql: Sql,
  query: AttemptQuery,
  rowFilter: AttemptRowFilter,
  span: Span,
  part: ListPart,
): Promise<AttemptRow[]> {
  if (query.scope.units.length === 0) return [];
  const values = new StatementValues();
  const sources =
    rowFilter.unplaced === true
      ? [`SELECT ${ENTRY_COLUMNS} FROM transaction_log_entry WHERE NOT is_placed AND ${entries('received_at')}`]
      : [
          `SELECT ${ENTRY_COLUMNS} FROM transaction_log_entry WHERE is_placed AND ${entries('at')}`,
          `SELECT ${EVENT_COLUMNS} FROM server_event WHERE ${events()} AND ${IS_UNTOLD}`,
        ];
  const most = values.add((part.skip ?? 0) + part.limit, 'integer');
  const order = rowFilter.unplaced === true ? 'received_at DESC, 1 DESC' : 'at DESC, 1 DESC';
  const newest = sources.map((source) => `(${source} ORDER BY ${order} LIMIT ${most})`);
  const { rows } = await sql.query<Row>(
    `SELECT entry_id AS "entryId", terminal_id AS "terminalId", premises_id AS "premisesId", premises.name AS "premisesName", region,
       premises.taxpayer_id AS "taxpayerId", at, received_at AS "receivedAt", source, unplaced, door, invoice_id AS "invoiceId", outcome,
       cause, detail, attempt.address, connect_ms AS "connectMs", tls_ms AS "tlsMs", answer_ms AS "answerMs", total_ms AS "totalMs"
     FROM (
       SELECT * FROM (${newest.join(' UNION ALL ')}) AS source
       ORDER BY ${order.replace('1', 'entry_id')} LIMIT ${values.add(part.limit, 'integer')} OFFSET ${values.add(part.skip ?? 0, 'integer')}
     ) AS attempt
     JOIN terminal USING (terminal_id) JOIN premises USING (premises_id)
     ORDER BY ${order.replace('1', 'entry_id')}`,
    values.list,
  );
  return rows.map(attemptRow);

  function entries(timeColumn: 'at' | 'received_at'): string {
    const failed = wantsFailures(rowFilter) ? `AND counted_cause <> ''` : '';
    return `${common(timeColumn, 'entry_id')} ${failed} ${narrowing(values, query, 'counted_cause')}`;
  }

  function events(): string {
    return `${common('at', 'attempt_id')} ${narrowing(values, query, 'cause')}`;
  }

  function common(timeColumn: string, idColumn: string): string {
    return [
      values.within(timeColumn, span),
      outcomeCondition(values, rowFilter.outcomes),
      scopeCondition(values, query.scope),
      part.after === undefined ? '' : afterCondition(values, part.after, timeColumn, idColumn),
    ].join(' ');
  }
}

function wantsFailures({ all, outcomes }: AttemptRowFilter): boolean {
  return all !== true && outcomes === undefined;
}

function outcomeCondition(values: StatementValues, outcomes: readonly AttemptOutcome[] | undefined): string {
  return outcomes === undefined ? '' : `AND outcome = ANY(${values.add(outcomes, 'text[]')})`;
}

function afterCondition(
  values: StatementValues,
  { at, entryId }: AttemptCursor,
  timeColumn: string,
  idColumn: string,
): string {
  const [time, id] = [values.add(at, 'timestamptz'), values.add(entryId, 'uuid')];
  return `AND ${timeColumn} <= ${time} AND (${timeColumn}, ${idColumn}) < (${time}, ${id})`;
}

function attemptRow({ at, receivedAt, connectMs, tlsMs, answerMs, totalMs, ...row }: Row): AttemptRow {
  const number = (text: string | null): number | null => (text === null ? null : Number(text));
  return {
    ...row,
    at: at.toISOString(),
    receivedAt: receivedAt.toISOString(),
    group: row.cause === null ? null : groupOf(row.cause),
    connectMs: number(connectMs),
    tlsMs: number(tlsMs),
    answerMs: number(answerMs),
    totalMs: number(totalMs),
  };
}
