import type { PendingInvoice } from '@tax-control/protocol/console';
import type { QueryResultRow } from 'pg';
import type { Sql } from '../../registry/sql.js';
import type { Span } from '../statistics/period.js';
import type { Scope } from '../statistics/scope.js';

/**
 * Of the invoices that tills say they stored, those that have no code and were not refused yet: neither is it in the ledger, nor did the server
 * keep it as refused, nor does an entry say so.
 */
const PENDING = `
  waiting_invoice.first_at IS NOT NULL AND NOT waiting_invoice.is_refused
  AND NOT EXISTS (SELECT FROM ledger
                  WHERE ledger.terminal_id = waiting_invoice.terminal_id AND ledger.invoice_id = waiting_invoice.invoice_id)
  AND NOT EXISTS (SELECT FROM refused_invoice AS refused
                  WHERE refused.terminal_id = waiting_invoice.terminal_id AND refused.invoice_id = waiting_invoice.invoice_id)`;

/** How many invoices of a span still wait at this moment. They count at the time of their first attempt, which is that of the sale. */
export async function countPending(sql: Sql, { fromMs, toMs }: Span, scope: Scope): Promise<number> {
  const { rows } = await sql.query<{ pending: string }>(
    `SELECT count(*) AS pending
     FROM waiting_invoice JOIN terminal ON terminal.terminal_id = waiting_invoice.terminal_id
     WHERE first_at >= $1 AND first_at < $2
       AND ($3::text[] IS NULL OR premises_id = ANY($3)) AND ($4::text[] IS NULL OR waiting_invoice.terminal_id = ANY($4))
       AND ${PENDING}`,
    [
      new Date(fromMs).toISOString(),
      new Date(toMs).toISOString(),
      scope.premises === 'all' ? null : scope.premises,
      scope.terminals,
    ],
  );
  return Number(rows[0]?.pending ?? 0);
}

/** What waits in all tills together. `oldestAt`: time of the first attempt of the one that waits longest; null when none does. */
export interface Backlog {
  readonly invoices: number;
  readonly oldestAt: Date | null;
}

/** What tills say that waits with them, the whole country's. */
export async function readBacklog(sql: Sql): Promise<Backlog> {
  const { rows } = await sql.query<{ invoices: string; oldest_at: Date | null }>(
    `SELECT count(*) AS invoices, min(first_at) AS oldest_at FROM waiting_invoice WHERE ${PENDING}`,
  );
  return { invoices: Number(rows[0]?.invoices ?? 0), oldestAt: rows[0]?.oldest_at ?? null };
}

/** How many invoices wait at each of some terminals, however long; terminals without one are left out. */
export async function pendingByTerminal(sql: Sql, terminalIds: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await sql.query<{ terminal_id: string; pending: string }>(
    `SELECT terminal_id, count(*) AS pending FROM waiting_invoice WHERE terminal_id = ANY($1::text[]) AND ${PENDING}
     GROUP BY terminal_id`,
    [terminalIds],
  );
  return new Map(rows.map((row) => [row.terminal_id, Number(row.pending)]));
}

interface PendingRow extends QueryResultRow {
  readonly invoice_id: string;
  readonly first_at: Date;
  readonly last_at: Date;
  readonly attempts: number;
  readonly last_cause: string | null;
}

/** The invoices that wait at a terminal, the oldest first. */
export async function pendingOfTerminal(sql: Sql, terminalId: string, rowsMax: number): Promise<PendingInvoice[]> {
  const { rows } = await sql.query<PendingRow>(
    `SELECT invoice_id, first_at, last_at, attempts, last_cause FROM waiting_invoice
     WHERE terminal_id = $1 AND ${PENDING} ORDER BY first_at, invoice_id LIMIT $2`,
    [terminalId, rowsMax],
  );
  return rows.map((row) => ({
    invoiceId: row.invoice_id,
    firstAttemptAt: row.first_at.toISOString(),
    lastAttemptAt: row.last_at.toISOString(),
    attempts: row.attempts,
    lastCause: row.last_cause,
  }));
}
