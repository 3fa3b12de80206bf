import type { PrintedFields } from './code.js';

/** One row of the ledger, as the driver gives it: bigint as text. */
export interface LedgerRow {
  readonly sequence: string;
  readonly code: string;
  readonly terminal_id: string;
  readonly invoice_id: string;
  readonly digest: Buffer;
  readonly taxpayer_id: string;
  readonly premises_id: string;
  readonly journal_id: string;
  readonly counter: string;
  readonly type: string;
  readonly kind: string;
  readonly number: string;
  readonly issued_at: Date;
  readonly business_day: string;
  /** When it counts, where its time of sale is not believed. */
  readonly counted_at: Date | null;
  readonly currency: string;
  readonly total: string;
  /** These four are null in rows of a version before they were there. */
  readonly sold: string | null;
  readonly returned: string | null;
  readonly lines: number | null;
  readonly is_exact: boolean | null;
  readonly door: string;
  readonly registered_at: Date;
  readonly reference_terminal_id: string | null;
  readonly reference_invoice_id: string | null;
  readonly supersedes_terminal_id: string | null;
  readonly supersedes_invoice_id: string | null;
  readonly receipt_key: string;
  readonly receipt_signature: Buffer;
}

/** An invoice as the database has it: its row of the ledger with its content, if that is there. */
export interface StoredInvoice extends LedgerRow {
  readonly payload: Buffer | null;
  readonly signature: Buffer | null;
  readonly signer: string | null;
  readonly header: string | null;
  readonly previous_digest: Buffer | null;
  /** Tax rows beside the ledger, each `category/rate/base/amount`, and the sort of a levy behind it, in the order of their text; none where they stand in the content alone. */
  readonly taxes: readonly string[];
  /** Of a refund of several originals, what it takes back of each: `terminal/invoice/sold/returned/lines/exact`. */
  readonly originals: readonly string[];
}

/** `business_day` as text: the driver would make a moment of some time zone of it. */
export const LEDGER_COLUMNS = 'ledger.*, ledger.business_day::text AS business_day';

/** Content is looked up by its whole key, so that only the partition of its month is read. */
export const STORED_INVOICES_SQL = `
  SELECT ${LEDGER_COLUMNS},
         content.payload, content.signature, content.signer, content.header, content.previous_digest,
         ARRAY(SELECT concat_ws('/', category, rate, base, amount, levy) COLLATE "C" FROM ledger_tax
               WHERE ledger_tax.sequence = ledger.sequence ORDER BY 1) AS taxes,
         ARRAY(SELECT concat_ws('/', terminal_id, invoice_id, sold, returned, lines, is_exact) COLLATE "C" FROM ledger_original
               WHERE ledger_original.sequence = ledger.sequence ORDER BY 1) AS originals
  FROM ledger
  LEFT JOIN content ON content.sequence = ledger.sequence AND content.registered_at = ledger.registered_at
  ORDER BY ledger.sequence`;

/** How findings name an invoice. */
export function nameOf(row: Pick<LedgerRow, 'sequence' | 'terminal_id' | 'invoice_id'>): string {
  return `sequence ${row.sequence} (terminal ${row.terminal_id}, invoice ${row.invoice_id})`;
}

/** UTC to the second, as printed: 2010-12-01T08:26:00Z */
export function toSecond(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}

/** What a row bears of the fields under the MAC. */
export function printedFieldsOf(
  row: Pick<
    LedgerRow,
    'sequence' | 'taxpayer_id' | 'terminal_id' | 'counter' | 'issued_at' | 'type' | 'kind' | 'currency' | 'total'
  >,
): PrintedFields {
  return {
    taxpayerId: row.taxpayer_id,
    terminalId: row.terminal_id,
    counter: Number(row.counter),
    issuedAt: toSecond(row.issued_at),
    type: row.type,
    kind: row.kind,
    currency: row.currency,
    total: Number(row.total),
    sequence: Number(row.sequence),
  };
}
