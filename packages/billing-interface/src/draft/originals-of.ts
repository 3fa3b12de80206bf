import type { InvoiceDraft } from '../api.js';

/** One original as a reference names it. */
export type OriginalName = { readonly terminalId: string; readonly invoiceId: string } | { readonly code: string };

/** The originals that a reference names; none where it gives a reason instead. */
export function originalsOf(reference: InvoiceDraft['reference']): readonly OriginalName[] {
  return reference === undefined || 'reason' in reference ? [] : [reference];
}
