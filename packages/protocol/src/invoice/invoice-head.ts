import type { Invoice, InvoiceReference } from './invoice-schema.js';

/**
 * What a server judges and files an invoice by, once its lines and payments were checked: these, the buyer and the rest are bytes of the
 * payload from then on.
 */
export interface InvoiceHead extends Omit<
  Invoice,
  'schemaVersion' | 'software' | 'cashier' | 'priceBasis' | 'lines' | 'payments' | 'buyer' | 'reference' | 'supersedes'
> {
  readonly reference?: InvoiceReference | undefined;
  readonly supersedes?: Invoice['supersedes'] | undefined;
}

/** The head of an invoice, as an object of its own. */
export function headOf(invoice: Invoice): InvoiceHead {
  const { id, taxpayerId, premisesId, terminalId, journalId, counter, previousDigest, type, kind } = invoice;
  const { number, issuedAt, clockOffsetMs, clockOffsetAgeSeconds, businessDay, currency, taxes, total, reference } =
    invoice;
  const { supersedes } = invoice;
  return {
    id,
    taxpayerId,
    premisesId,
    terminalId,
    journalId,
    counter,
    previousDigest,
    type,
    kind,
    number,
    issuedAt,
    clockOffsetMs,
    clockOffsetAgeSeconds,
    businessDay,
    currency,
    taxes,
    total,
    reference,
    supersedes,
  };
}
