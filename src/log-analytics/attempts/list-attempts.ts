import type { AttemptOutcome } from '@tax-control/protocol';
import type { AttemptRow, AttemptRowFilter } from '@tax-control/protocol/console';
import type { Sql } from '../../registry/sql.js';
import { groupOf } from '../statistics/causes.js';
import type { Span } from '../statistics/period.js';
import { type AttemptQuery, IS_UNTOLD, narrowing } from './attempt-sources.js';
import type { Scope } from '../statistics/scope.js';
import { StatementValues } from './statement.js';

/** Where a list goes on: after the row with this time and id. */
export interface AttemptCursor {
  readonly at: string;
  readonly entryId: string;
}

/** Those of a time that no clock can have meant are listed by the time at which they arrived. */
export function cursorOf({ at, receivedAt, unplaced, entryId }: AttemptRow): AttemptCursor {
  return { at: unplaced ? receivedAt : at, entryId };
}

/** Which part of a list: so many rows, after a row or after a number of rows. */
export interface ListPart {
  readonly limit: number;
  readonly skip?: number;
  readonly after?: AttemptCursor;
}

/** Of so many terminals the newest rows are read one by one: above it, reading everybody's and leaving most out is less. */
const MERGED_TERMINALS_MAX = 64;

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
const EVENT_COLUMNS = `attempt_id AS entry_id, terminal_id, at, at AS received_at, 'server' AS source, false AS unplaced, door,
  NULL::uuid AS invoice_id, outcome, cause, NULL::text AS detail, NULL::text AS address, NULL::bigint AS connect_ms, NULL::bigint AS tls_ms,
  NULL::bigint AS answer_ms, NULL::bigint AS total_ms`;

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
  const terminals = await terminalsOf(sql, query.scope);
  const values = new StatementValues();
  const isUnplaced = rowFilter.unplaced === true;
  const most = values.add((part.skip ?? 0) + part.limit, 'integer');
  const entries: RowTable = { name: 'transaction_log_entry', id: 'entry_id', cause: 'counted_cause' };
  const events: RowTable = { name: 'server_event', id: 'attempt_id', cause: 'cause' };
  const sources = isUnplaced
    ? [newest(entries, ENTRY_COLUMNS, 'NOT is_placed')]
    : [newest(entries, ENTRY_COLUMNS, 'is_placed'), newest(events, EVENT_COLUMNS, IS_UNTOLD)];
  const order = `${isUnplaced ? 'received_at' : 'at'} DESC, entry_id DESC`;
  const [limit, skip] = [values.add(part.limit, 'integer'), values.add(part.skip ?? 0, 'integer')];
  const { rows } = await sql.query<Row>(
    `SELECT entry_id AS "entryId", terminal_id AS "terminalId", premises_id AS "premisesId", premises.name AS "premisesName", region,
       premises.taxpayer_id AS "taxpayerId", at, received_at AS "receivedAt", source, unplaced, door, invoice_id AS "invoiceId", outcome,
       cause, detail, attempt.address, connect_ms AS "connectMs", tls_ms AS "tlsMs", answer_ms AS "answerMs", total_ms AS "totalMs"
     FROM (
       SELECT * FROM (${sources.join(' UNION ALL ')}) AS source ORDER BY ${order} LIMIT ${limit} OFFSET ${skip}
     ) AS attempt
     JOIN terminal USING (terminal_id) JOIN premises USING (premises_id)
     ORDER BY ${order}`,
    values.list,
  );
  return rows.map(attemptRow);

  /** The newest rows of a table; of few terminals, the newest of each: each has an index of its own time. */
  function newest(table: RowTable, columns: string, condition: string): string {
    const time = isUnplaced ? 'received_at' : 'at';
    const failed = table.name === 'transaction_log_entry' && wantsFailures(rowFilter) ? `AND counted_cause <> ''` : '';
    const where = [
      condition,
      `AND ${values.within(time, span)}`,
      failed,
      outcomeCondition(values, rowFilter.outcomes),
      narrowing(values, query, table.cause),
      part.after === undefined ? '' : afterCondition(values, part.after, time, table.id),
    ].join(' ');
    const select = `SELECT ${columns} FROM ${table.name} WHERE ${where}`;
    const end = `ORDER BY ${time} DESC, ${table.id} DESC LIMIT ${most}`;
    if (terminals === null) return `(${select} ${end})`;
    const list = values.add(terminals, 'text[]');
    if (isUnplaced || terminals.length > MERGED_TERMINALS_MAX)
      return `(${select} AND terminal_id = ANY(${list}) ${end})`;
    return `SELECT own.* FROM unnest(${list}) AS one (id)
      CROSS JOIN LATERAL (${select} AND terminal_id = one.id ${end}) AS own`;
  }
}

interface RowTable {
  readonly name: 'transaction_log_entry' | 'server_event';
  readonly id: string;
  readonly cause: string;
}

/** The terminals of a scope; null: all. */
async function terminalsOf(sql: Sql, { terminals, premises }: Scope): Promise<readonly string[] | null> {
  if (terminals !== null) return terminals;
  if (premises === 'all') return null;
  const { rows } = await sql.query<{ terminalId: string }>(
    `SELECT terminal_id AS "terminalId" FROM terminal WHERE premises_id = ANY($1::text[]) ORDER BY terminal_id`,
    [premises],
  );
  return rows.map(({ terminalId }) => terminalId);
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
