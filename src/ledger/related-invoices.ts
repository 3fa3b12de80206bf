import type { InvoiceIdentity } from './identity.js';
import type { Queryable } from './queryable.js';

/** A refund or void on file. */
export interface TakingBack extends InvoiceIdentity {
  readonly code: string;
  readonly premisesId: string;
}

/** A shop takes one sale back in a handful of refunds; more than these are a case for the search. */
const SHOWN_MAX = 50;

/** Refunds and voids that name an invoice as their original, the oldest first. */
export async function findTakenBackBy(client: Queryable, identity: InvoiceIdentity): Promise<TakingBack[]> {
  const { rows } = await client.query<{
    terminal_id: string;
    invoice_id: string;
    code: string;
    premises_id: string;
  }>(
    `SELECT terminal_id, invoice_id, code, premises_id FROM ledger
     WHERE reference_terminal_id = $1 AND reference_invoice_id = $2 ORDER BY sequence LIMIT ${SHOWN_MAX}`,
    [identity.terminalId, identity.invoiceId],
  );
  return rows.map((row) => ({
    terminalId: row.terminal_id,
    invoiceId: row.invoice_id,
    code: row.code,
    premisesId: row.premises_id,
  }));
}
