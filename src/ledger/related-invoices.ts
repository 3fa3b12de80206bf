import type { InvoiceIdentity } from './identity.js';
import type { Queryable } from './queryable.js';

/** An invoice on file that names another one. */
export interface NamingInvoice extends InvoiceIdentity {
  readonly relation: 'referred_to_by' | 'superseded_by';
  readonly code: string;
  readonly premisesId: string;
}

/** A shop takes one sale back in a handful of refunds; more than these are a case for the search. */
const SHOWN_MAX = 50;

/** Refunds and voids that name an invoice as their original, and the one that corrects it, the oldest first. */
export async function findNamingInvoices(client: Queryable, identity: InvoiceIdentity): Promise<NamingInvoice[]> {
  const { rows } = await client.query<{
    relation: NamingInvoice['relation'];
    terminal_id: string;
    invoice_id: string;
    code: string;
    premises_id: string;
  }>(
    `SELECT relation, terminal_id, invoice_id, code, premises_id FROM (
       SELECT 'referred_to_by' AS relation, sequence, terminal_id, invoice_id, code, premises_id FROM ledger
       WHERE reference_terminal_id = $1 AND reference_invoice_id = $2
       UNION ALL
       SELECT 'referred_to_by', sequence, ledger.terminal_id, ledger.invoice_id, code, premises_id
       FROM ledger_original AS part JOIN ledger USING (sequence)
       WHERE part.terminal_id = $1 AND part.invoice_id = $2
       UNION ALL
       SELECT 'superseded_by', sequence, terminal_id, invoice_id, code, premises_id FROM ledger
       WHERE supersedes_terminal_id = $1 AND supersedes_invoice_id = $2
     ) AS naming ORDER BY sequence LIMIT ${SHOWN_MAX}`,
    [identity.terminalId, identity.invoiceId],
  );
  return rows.map((row) => ({
    relation: row.relation,
    terminalId: row.terminal_id,
    invoiceId: row.invoice_id,
    code: row.code,
    premisesId: row.premises_id,
  }));
}
