import { type InvoiceAnswer, type Problem, problem } from '@tax-control/protocol';
import { findRows, toldWarnings } from './find-rows.js';
import { identityKey } from './identity.js';
import type { Queryable } from './queryable.js';
import { receiptOfRow } from './receipt-of-row.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** What terminals may look up: their own invoices, and nobody else's. */
export class InvoiceLookup {
  constructor(private readonly database: Queryable) {}

  /** The receipt and warnings of one of a terminal's invoices, the same as it got at first. */
  async find(terminalId: string, invoiceId: string): Promise<InvoiceAnswer | Problem> {
    if (!isUuid(invoiceId)) return problem('invoice_unknown');
    const filed = (await findRows(this.database, [{ terminalId, invoiceId }])).get(
      identityKey({ terminalId, invoiceId }),
    );
    if (!filed) return problem('invoice_unknown');
    return { receipt: receiptOfRow(filed.row), warnings: toldWarnings(filed.warnings) };
  }
}
