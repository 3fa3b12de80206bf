import type { Sql } from '../../registry/sql.js';
import type { FailureInterval } from './failure.js';

/** What a group of failures kept waiting. Sums of sales by currency, smallest unit, decimal strings. */
export interface Impact {
  readonly invoicesStored: number;
  /** Of `invoicesStored`, those that have no code yet, as far as tills told. */
  readonly waiting: number;
  readonly value: readonly { readonly currency: string; readonly total: string }[];
  /** Milliseconds; when the last that has a code got it. Null where none has. */
  readonly lastRegisteredAt: number | null;
}

export const NO_IMPACT: Impact = { invoicesStored: 0, waiting: 0, value: [], lastRegisteredAt: null };

/** Time of sale is kept in whole seconds, and the attempt begins a moment after it. */
const SALE_BEFORE_ATTEMPT_MS = 2_000;

/**
 * Of each group: the invoices that its terminals sold while they failed and that came in by the late door, and those that
 * still wait. One entry for each group, in order.
 * @param now until when a failure that has not ended lasts, milliseconds
 */
export async function readImpacts(
  sql: Sql,
  groups: readonly (readonly FailureInterval[])[],
  now: number,
): Promise<readonly Impact[]> {
  const members = groups.flatMap((group, index) => group.map((interval) => ({ index, interval })));
  const values = [
    members.map(({ index }) => index),
    members.map(({ interval }) => interval.terminalId),
    members.map(({ interval }) => new Date(interval.startedAt - SALE_BEFORE_ATTEMPT_MS)),
    members.map(({ interval }) => new Date(interval.endedAt ?? now)),
  ];
  const [late, waiting] = await Promise.all([
    sql.query<LateRow>(READ_LATE, values),
    sql.query<{ group_index: number; invoices: number }>(READ_WAITING, values),
  ]);
  return groups.map((_, index) => {
    const rows = late.rows.filter((row) => row.group_index === index);
    const waits = waiting.rows.find((row) => row.group_index === index)?.invoices ?? 0;
    const registered = rows.map(({ last_registered_at }) => last_registered_at.getTime());
    return {
      invoicesStored: waits + rows.reduce((sum, { invoices }) => sum + invoices, 0),
      waiting: waits,
      value: rows.flatMap(({ currency, total }) => (total === null ? [] : [{ currency, total }])),
      lastRegisteredAt: registered.length === 0 ? null : Math.max(...registered),
    };
  });
}

interface LateRow {
  readonly group_index: number;
  readonly currency: string;
  readonly invoices: number;
  readonly total: string | null;
  readonly last_registered_at: Date;
}

const MEMBER = `unnest($1::integer[], $2::text[], $3::timestamptz[], $4::timestamptz[]) AS member(group_index, terminal_id, from_at, to_at)`;

const READ_LATE = `
  SELECT group_index, currency, count(*)::integer AS invoices,
         (sum(total) FILTER (WHERE kind = 'sale' AND type IN ('normal', 'advance')))::text AS total,
         max(registered_at) AS last_registered_at
  FROM ${MEMBER}
  JOIN ledger ON ledger.terminal_id = member.terminal_id AND ledger.door = 'reissue'
    AND ledger.issued_at >= member.from_at AND ledger.issued_at <= member.to_at
  GROUP BY group_index, currency ORDER BY group_index, currency`;

const READ_WAITING = `
  SELECT group_index, count(*)::integer AS invoices
  FROM ${MEMBER}
  JOIN waiting_invoice AS waiting ON waiting.terminal_id = member.terminal_id AND NOT waiting.is_refused
    AND waiting.first_at >= member.from_at AND waiting.first_at <= member.to_at
  WHERE NOT EXISTS (
    SELECT FROM ledger WHERE ledger.terminal_id = waiting.terminal_id AND ledger.invoice_id = waiting.invoice_id
  ) AND NOT EXISTS (
    SELECT FROM refused_invoice AS refused
    WHERE refused.terminal_id = waiting.terminal_id AND refused.invoice_id = waiting.invoice_id
  )
  GROUP BY group_index`;
