import type { KeyObject } from 'node:crypto';
import { type InvoiceClaims, type Problem, problem, readInvoiceJws } from '@tax-control/protocol';
import { usualHeader } from '../ledger/signed-text.js';
import type { TerminalRecord } from '../registry/terminal-directory.js';
import type { Arrival, AuthenticInvoice } from './authentic-invoice.js';
import type { InvoiceReader } from './reading/read-invoices.js';

/** Who sent it, as far as an invoice is judged by it: the terminal and every certificate that it ever had. */
export type SendingTerminal = Pick<TerminalRecord, 'terminalId' | 'taxpayerId' | 'premisesId' | 'certificates'>;

/** An invoice that can't be read or believed, with what it says of itself as far as it could be read. */
export interface RefusedText {
  readonly ok: false;
  readonly problem: Problem;
  readonly claims: InvoiceClaims;
}

export type Authentication = { readonly ok: true; readonly authentic: AuthenticInvoice } | RefusedText;

/**
 * Reads and checks a signed invoice in the catalogue's order of precedence: form, header, key, signature, payload, names, arithmetic. The key
 * is the one of the terminal's certificates that the header names, be it expired or revoked since: what it signed then stays signed.
 * Nothing here depends on time, state or other invoices.
 *
 * @param text compact JWS as sent
 */
export async function authenticateInvoice(
  reader: InvoiceReader,
  text: string,
  terminal: SendingTerminal,
  arrival: Arrival,
): Promise<Authentication> {
  const opened = readInvoiceJws(text);
  if (!opened.ok) return { ok: false, problem: opened.problem, claims: NO_CLAIMS };
  const { jws, signerThumbprint: thumbprint } = opened;
  const certificate = terminal.certificates.get(thumbprint);
  if (certificate === undefined) return { ok: false, problem: problem('signer_unknown'), claims: NO_CLAIMS };
  const { terminalId, taxpayerId, premisesId } = terminal;
  const reading = await reader.read({ text, terminalId, taxpayerId, premisesId, publicKey: spkiOf(certificate) });
  if (!reading.ok) return reading;
  const { head, digest } = reading;
  const authentic: AuthenticInvoice = {
    invoice: head,
    payload: jws.payload,
    digest: Buffer.from(digest, 'base64url'),
    signature: jws.signature,
    header: unusualHeader(jws.signingInput, thumbprint),
    signer: {
      thumbprint,
      notBefore: certificate.notBefore.getTime(),
      notAfter: certificate.notAfter.getTime(),
      revokedAt: certificate.revokedAt?.getTime() ?? null,
    },
    soldAt: Date.parse(head.issuedAt),
    arrival,
  };
  return { ok: true, authentic };
}

const NO_CLAIMS: InvoiceClaims = { invoiceId: null, journalId: null, counter: null };

/** The text of the protected header, unless it is the one that nearly every till writes. It was read as UTF-8, so it goes back into the same bytes. */
function unusualHeader(signingInput: string, thumbprint: string): string | null {
  const header = Buffer.from(signingInput.slice(0, signingInput.indexOf('.')), 'base64url').toString('utf8');
  return header === usualHeader(thumbprint) ? null : header;
}

/** The certificates' records live a while, their keys' bytes as long as the keys. */
const spkis = new WeakMap<KeyObject, string>();

/** Public key as a thread takes it: SPKI, DER, base64. */
function spkiOf({ publicKey }: { readonly publicKey: KeyObject }): string {
  const known = spkis.get(publicKey);
  if (known !== undefined) return known;
  const spki = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  spkis.set(publicKey, spki);
  return spki;
}
