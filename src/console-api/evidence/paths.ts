/** Digits of a counter in a file's name: the largest safe integer has as many, so that names sort as counters do. */
const COUNTER_DIGITS = 16;

/** Where the files of one invoice lie, without their endings. Ids have no character that a path or a shell would take for its own. */
export function invoicePath(place: {
  readonly terminalId: string;
  readonly journalId: string;
  readonly counter: number;
  readonly invoiceId: string;
}): string {
  const counter = String(place.counter).padStart(COUNTER_DIGITS, '0');
  return `invoices/${place.terminalId}/${place.journalId}/${counter}-${place.invoiceId}`;
}

/** A certificate by its fingerprint in hexadecimal, as openssl prints it: thumbprints in base64url differ in nothing but case on some disks. */
export function certificatePath(thumbprint: string): string {
  return `certificates/${Buffer.from(thumbprint, 'base64url').toString('hex')}`;
}

/** A key that signs receipts, by the same kind of name. */
export function receiptKeyPath(kid: string): string {
  return `server/receipt-keys/${Buffer.from(kid, 'base64url').toString('hex')}.pub`;
}
