import { type InvoiceClaims, type Problem, problem, readInvoiceJws } from '@tax-control/protocol';
import { usualHeader } from '../ledger/signed-text.js';
import { BoundedMap } from '../registry/bounded-map.js';
import type { CertificateRecord, TerminalRecord } from '../registry/terminal-directory.js';
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
  const named = findSigner(text, terminal);
  if (!named.ok) return { ...named, claims: NO_CLAIMS };
  const { thumbprint, certificate, header } = named;
  const { terminalId, taxpayerId, premisesId } = terminal;
  const { publicKey } = publicFormsOf(thumbprint, certificate);
  const reading = await reader.read({ text, terminalId, taxpayerId, premisesId, publicKey });
  if (!reading.ok) return reading;
  const { head, digest } = reading;
  // Strict base64url in three parts, or it would not have been read.
  const [, payload = '', signature = ''] = text.split('.');
  const authentic: AuthenticInvoice = {
    invoice: head,
    payload: Buffer.from(payload, 'base64url'),
    digest: Buffer.from(digest, 'base64url'),
    signature: Buffer.from(signature, 'base64url'),
    header,
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

/** The certificate that an invoice names. `header`: text of the protected header, null where it is the usual one. */
type NamedSigner =
  | {
      readonly ok: true;
      readonly thumbprint: string;
      readonly certificate: CertificateRecord;
      readonly header: string | null;
    }
  | { readonly ok: false; readonly problem: Problem };

/** Finds the certificate. A usual header need not be read for that: the reader judges the whole form, header included, in the same order. */
function findSigner(text: string, { certificates }: SendingTerminal): NamedSigner {
  for (const [thumbprint, certificate] of certificates) {
    if (text.startsWith(publicFormsOf(thumbprint, certificate).beginning))
      return { ok: true, thumbprint, certificate, header: null };
  }
  const opened = readInvoiceJws(text);
  if (!opened.ok) return opened;
  const { jws, signerThumbprint: thumbprint } = opened;
  const certificate = certificates.get(thumbprint);
  if (certificate === undefined) return { ok: false, problem: problem('signer_unknown') };
  // It was read as UTF-8, so it goes back into the same bytes.
  const header = Buffer.from(jws.signingInput.slice(0, jws.signingInput.indexOf('.')), 'base64url').toString('utf8');
  return { ok: true, thumbprint, certificate, header };
}

/** How a certificate shows in what is sent and handed on. */
interface PublicForms {
  /** Public key as a thread takes it: SPKI, DER, base64. */
  readonly publicKey: string;
  /** How invoices with the usual header begin. */
  readonly beginning: string;
}

/** By thumbprint, half a kilobyte each: two for each of a fleet of 20,000 tills (old and renewed). */
const FORMS_MAX = 40_000;
const publicForms = new BoundedMap<string, PublicForms>(FORMS_MAX);

function publicFormsOf(thumbprint: string, { publicKey }: CertificateRecord): PublicForms {
  const known = publicForms.get(thumbprint);
  if (known !== undefined) return known;
  const forms: PublicForms = {
    publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    beginning: `${Buffer.from(usualHeader(thumbprint)).toString('base64url')}.`,
  };
  publicForms.set(thumbprint, forms);
  return forms;
}
