import type { InvoiceDraft } from '@tax-control/billing-interface';
import { Client } from 'pg';

/** What was sold on one business day; money in pence. `refunds` counts invoices and `refunded` is their sum (negative). */
export interface DayTotals {
  readonly day: string;
  readonly invoices: number;
  readonly refunds: number;
  readonly lines: number;
  readonly sold: number;
  readonly refunded: number;
  readonly total: number;
}

interface Counted {
  readonly day: string;
  readonly isRefund: boolean;
  readonly lines: number;
  readonly total: number;
}

/** Sums of what the shop's software handed over, by day. */
export function totalsOfDrafts(drafts: readonly InvoiceDraft[]): DayTotals[] {
  const counted = drafts.map((draft) => ({
    day: draft.businessDay ?? '',
    isRefund: draft.kind === 'refund',
    lines: draft.lines.length,
    total: draft.total ?? 0,
  }));
  return sumByDay(counted);
}

/** Sums of what is in the ledger, by business day, its lines counted in the signed bytes. */
export async function totalsOfLedger(databaseUrl: string): Promise<DayTotals[]> {
  return withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ day: string; is_refund: boolean; lines: number; total: string }>(`
      SELECT ledger.business_day::text AS day, ledger.kind = 'refund' AS is_refund, ledger.total,
             json_array_length(convert_from(content.payload, 'UTF8')::json -> 'lines') AS lines
      FROM ledger JOIN content USING (sequence, registered_at)`);
    return sumByDay(
      rows.map((row) => ({ day: row.day, isRefund: row.is_refund, lines: row.lines, total: Number(row.total) })),
    );
  });
}

/** How often each warning was given. */
export async function warningsOfLedger(databaseUrl: string): Promise<Readonly<Record<string, number>>> {
  return withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ warning: string; count: number }>(
      'SELECT warning, count(*)::integer AS count FROM invoice_warning GROUP BY 1 ORDER BY 1',
    );
    return Object.fromEntries(rows.map((row) => [row.warning, row.count]));
  });
}

/** How many invoices have a code, and how many different codes they have. */
export async function codesOfLedger(
  databaseUrl: string,
): Promise<{ readonly given: number; readonly different: number }> {
  return withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ given: number; different: number }>(
      'SELECT count(*)::integer AS given, count(DISTINCT code)::integer AS different FROM ledger',
    );
    return rows[0] ?? { given: 0, different: 0 };
  });
}

/** All days in one. */
export function sumOfDays(days: readonly DayTotals[]): Omit<DayTotals, 'day'> {
  const sum = (pick: (day: DayTotals) => number): number => days.reduce((so, day) => so + pick(day), 0);
  return {
    invoices: sum((day) => day.invoices),
    refunds: sum((day) => day.refunds),
    lines: sum((day) => day.lines),
    sold: sum((day) => day.sold),
    refunded: sum((day) => day.refunded),
    total: sum((day) => day.total),
  };
}

function sumByDay(counted: readonly Counted[]): DayTotals[] {
  const days = new Map<string, Counted[]>();
  for (const invoice of counted) {
    const sameDay = days.get(invoice.day);
    if (sameDay === undefined) days.set(invoice.day, [invoice]);
    else sameDay.push(invoice);
  }
  return [...days].sort(([one], [other]) => one.localeCompare(other)).map(([day, invoices]) => sumDay(day, invoices));
}

function sumDay(day: string, invoices: readonly Counted[]): DayTotals {
  const refunds = invoices.filter((invoice) => invoice.isRefund);
  const total = sumTotals(invoices);
  const refunded = sumTotals(refunds);
  return {
    day,
    invoices: invoices.length,
    refunds: refunds.length,
    lines: invoices.reduce((sum, invoice) => sum + invoice.lines, 0),
    sold: total - refunded,
    refunded,
    total,
  };
}

function sumTotals(invoices: readonly Counted[]): number {
  return invoices.reduce((sum, invoice) => sum + invoice.total, 0);
}

async function withClient<Result>(databaseUrl: string, work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
