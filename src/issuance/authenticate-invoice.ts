import { type InvoiceClaims, type Problem, problem, readInvoiceJws } from '@tax-control/protocol';
import { usualHeader } from '../ledger/signed-text.js';
import type { CertificateRecord, TerminalRecord } from '../registry/terminal-directory.js';
import type { Arrival, AuthenticInvoice } from './authentic-invoice.js';
import type { InvoiceReader } from './reading/read-invoices.js';

/** Who sent it, as far as an invoice is judged by it: the terminal and every certificate that it ever had. */
export type SendingTerminal = Pick<
  TerminalRecord,
  'terminalId' | 'taxpayerId' | 'premisesId' | 'certificates' | 'olderCertificate'
>;

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
 * Nothing here depends on time or other invoices. What depends on what the registry knows is deferred: `signer_unknown`,
 * `terminal_filed_differently`.
 *
 * @param text compact JWS as sent
 */
export async function authenticateInvoice(
  reader: InvoiceReader,
  text: string,
  terminal: SendingTerminal,
  arrival: Arrival,
): Promise<Authentication> {
  const named = await findSigner(text, terminal);
  if (!named.ok) return { ...named, claims: NO_CLAIMS };
  const { thumbprint, certificate, header } = named;
  const { terminalId, taxpayerId, premisesId } = terminal;
  const publicKey = publicKeyOf(certificate);
  const reading = await reader.read({ text, terminalId, taxpayerId, premisesId, publicKey });
  if (!reading.ok) return { ...reading, problem: asFiled(reading.problem, terminal, certificate) };
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

/** Names that differ because the registry is not what it was when the certificate was issued: it may become so again. */
function asFiled(found: Problem, { taxpayerId, premisesId }: SendingTerminal, { names }: CertificateRecord): Problem {
  const isOfRegistry = found.code === 'wrong_taxpayer' || found.code === 'wrong_premises';
  const isFiledAsNamed =
    (names.taxpayerId ?? taxpayerId) === taxpayerId && (names.premisesId ?? premisesId) === premisesId;
  return isOfRegistry && !isFiledAsNamed ? problem('terminal_filed_differently') : found;
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
async function findSigner(text: string, terminal: SendingTerminal): Promise<NamedSigner> {
  const usual = usualSignerOf(text);
  if (usual !== null) {
    const certificate = await certificateOf(terminal, usual);
    if (certificate !== null && certificate !== 'of_other_terminal')
      return { ok: true, thumbprint: usual, certificate, header: null };
  }
  const opened = readInvoiceJws(text);
  if (!opened.ok) return opened;
  const { jws, signerThumbprint: thumbprint } = opened;
  const certificate = await certificateOf(terminal, thumbprint);
  if (certificate === null) return { ok: false, problem: problem('signer_unknown') };
  if (certificate === 'of_other_terminal') return { ok: false, problem: problem('wrong_terminal') };
  // It was read as UTF-8, so it goes back into the same bytes.
  const header = Buffer.from(jws.signingInput.slice(0, jws.signingInput.indexOf('.')), 'base64url').toString('utf8');
  return { ok: true, thumbprint, certificate, header };
}

async function certificateOf(
  { certificates, olderCertificate }: SendingTerminal,
  thumbprint: string,
): Promise<CertificateRecord | 'of_other_terminal' | null> {
  return certificates.get(thumbprint) ?? olderCertificate(thumbprint);
}

/** Letters of a SHA-256 in base64url. */
const THUMBPRINT_LENGTH = 43;
/** What stands around the thumbprint in the usual header. */
const [BEFORE_THUMBPRINT = '', BEHIND_THUMBPRINT = ''] = usualHeader('\n').split('\n');
/** Letters of a usual header in base64url, all of one length. */
const USUAL_LETTERS = Buffer.from(usualHeader('x'.repeat(THUMBPRINT_LENGTH))).toString('base64url').length;

/** The thumbprint in the header of a compact JWS, where that is the usual one; null for all others. */
function usualSignerOf(text: string): string | null {
  if (text.charAt(USUAL_LETTERS) !== '.') return null;
  const header = Buffer.from(text.slice(0, USUAL_LETTERS), 'base64url').toString('latin1');
  const thumbprint = header.slice(BEFORE_THUMBPRINT.length, -BEHIND_THUMBPRINT.length);
  return header === usualHeader(thumbprint) ? thumbprint : null;
}

/** Of a certificate's key as a thread takes it: SPKI, DER, base64. A record lives as long as it is remembered. */
const spkiOf = new WeakMap<CertificateRecord, string>();

function publicKeyOf(certificate: CertificateRecord): string {
  let spki = spkiOf.get(certificate);
  if (spki === undefined) {
    spki = certificate.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    spkiOf.set(certificate, spki);
  }
  return spki;
}
