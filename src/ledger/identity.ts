/** What makes an invoice that invoice, for ever. */
export interface InvoiceIdentity {
  readonly terminalId: string;
  readonly invoiceId: string;
}

/** One text for an identity, as key of maps. A terminal's id contains no slash. */
export function identityKey({ terminalId, invoiceId }: InvoiceIdentity): string {
  return `${terminalId}/${invoiceId}`;
}
