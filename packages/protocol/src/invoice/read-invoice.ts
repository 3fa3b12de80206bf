import { type Fault, type Problem, problem } from '../catalogue/problems.js';
import {
  decodeUtf8,
  hasAllowedTexts,
  isCanonicalJson,
  isJsonObject,
  parseJson,
  parseJsonBytes,
} from '../json/exact-json.js';
import { FAULTS_MAX, scanJson } from '../json/scan-json.js';
import { type CompactJws, hasClosedHeader, parseCompactJws } from '../jws/compact-jws.js';
import { LIMITS } from '../limits.js';
import { DIGEST_PATTERN } from '../schema/patterns.js';
import { validator } from '../schema/validator.js';
import { unsafeSums } from './arithmetic.js';
import { digestOf } from './digest.js';
import { type Invoice, invoiceSchema } from './invoice-schema.js';

/** `typ` of an invoice's header (RFC 7515, 4.1.9). */
export const INVOICE_TYPE = 'invoice+jws';

/** What a refused payload says of itself, as far as it can be read: for the record of its counter, never to be believed. */
export interface InvoiceClaims {
  readonly invoiceId: string | null;
  readonly journalId: string | null;
  readonly counter: number | null;
}

/** `signerThumbprint`: `x5t#S256` of the header, SHA-256 of the certificate whose key shall have signed. */
export type InvoiceJwsReading =
  | { readonly ok: true; readonly jws: CompactJws; readonly signerThumbprint: string }
  | { readonly ok: false; readonly problem: Problem };

export type InvoicePayloadReading =
  | { readonly ok: true; readonly invoice: Invoice; readonly digest: string }
  | { readonly ok: false; readonly problem: Problem; readonly digest: string; readonly claims: InvoiceClaims };

const THUMBPRINT = new RegExp(DIGEST_PATTERN);
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** UTF-8 takes at most this many bytes for one UTF-16 unit. */
const BYTES_PER_UNIT_MAX = 3;
/** Characters up to which all faults of shape are listed and not only the first: a hundred lines. */
const THOROUGH_LENGTH_MAX = 50_000;

const invoiceShape = validator<Invoice>(invoiceSchema);

/**
 * First step on a signed invoice: size, form and header (problems 50 to 52 of the catalogue).
 * The caller then finds the key of `signerThumbprint` and verifies (53, 54) before it reads the payload.
 */
export function readInvoiceJws(text: string): InvoiceJwsReading {
  if (isLongerThan(text, LIMITS.invoiceBytesMax))
    return { ok: false, problem: problem('invoice_too_large', { allowed: LIMITS.invoiceBytesMax }) };
  const jws = parseCompactJws(text);
  if (jws === null) return { ok: false, problem: problem('jws_malformed') };
  const signerThumbprint = jws.header['x5t#S256'];
  if (!hasClosedHeader(jws, INVOICE_TYPE, 'x5t#S256') || typeof signerThumbprint !== 'string')
    return { ok: false, problem: problem('jws_header_not_allowed') };
  if (!THUMBPRINT.test(signerThumbprint)) return { ok: false, problem: problem('jws_header_not_allowed') };
  return { ok: true, jws, signerThumbprint };
}

/**
 * Second step, on bytes whose signature was verified: JSON, its exactness, texts, size and shape (problems 55 to 61).
 * An invoice that comes out of it has safe amounts and sums; whether they agree is for `checkInvoice`.
 */
export function readInvoicePayload(bytes: Buffer): InvoicePayloadReading {
  const digest = digestOf(bytes);
  const text = decodeUtf8(bytes);
  const parsed = text === null ? null : parseJson(text);
  if (text === null || parsed === null)
    return { ok: false, problem: problem('payload_not_json'), digest, claims: claimsOf(null) };
  const { value } = parsed;
  const hasShape = invoiceShape.accepts(value);
  const isAsciiText = text.length === bytes.length;
  if (!hasShape || !isCanonicalJson(text, value) || !hasAllowedTexts(text, isAsciiText)) {
    const refused = judgeText(text) ?? judgeLines(value) ?? (hasShape ? null : judgeShape(value, text.length));
    if (refused !== null) return { ok: false, problem: refused, digest, claims: claimsOf(value) };
  }
  const invoice = value as Invoice;
  const unsafe = unsafeSums(invoice);
  if (unsafe.length > 0)
    return { ok: false, problem: problem('amount_unsafe', { errors: unsafe }), digest, claims: claimsOf(value) };
  return { ok: true, invoice, digest };
}

/** An invoice from bytes that were judged before they were stored, in whatever spelling. */
export function readStoredInvoice(bytes: Buffer): Invoice {
  const parsed = parseJsonBytes(bytes);
  if (parsed === null) throw new Error('a stored payload is JSON');
  return parsed.value as Invoice;
}

function isLongerThan(text: string, bytesMax: number): boolean {
  if (text.length * BYTES_PER_UNIT_MAX <= bytesMax) return false;
  return text.length > bytesMax || Buffer.byteLength(text) > bytesMax;
}

/** What only a look at the text finds, in the catalogue's order. Slow: for texts that are refused or spelled unusually. */
function judgeText(text: string): Problem | null {
  const { duplicateNames, numbersNotInteger, numbersUnsafe, texts } = scanJson(text);
  if (duplicateNames.length > 0) return problem('payload_duplicate_key', { errors: duplicateNames });
  if (numbersNotInteger.length > 0) return problem('payload_number_not_integer', { errors: numbersNotInteger });
  if (numbersUnsafe.length > 0) return problem('amount_unsafe', { errors: numbersUnsafe });
  if (texts.length > 0) return problem('text_not_allowed', { errors: texts });
  return null;
}

function judgeLines(value: unknown): Problem | null {
  const lines = isJsonObject(value) ? value['lines'] : null;
  if (!Array.isArray(lines) || lines.length <= LIMITS.invoiceLinesMax) return null;
  const errors: Fault[] = [{ pointer: '/lines', detail: `Has ${lines.length} items.` }];
  return problem('too_many_lines', { allowed: LIMITS.invoiceLinesMax, errors });
}

function judgeShape(value: unknown, length: number): Problem {
  const errors = invoiceShape.faults(value, length <= THOROUGH_LENGTH_MAX);
  return problem('schema_violation', { errors: errors.slice(0, FAULTS_MAX) });
}

function claimsOf(value: unknown): InvoiceClaims {
  const { id, journalId, counter } = isJsonObject(value) ? value : {};
  return { invoiceId: uuidOrNull(id), journalId: uuidOrNull(journalId), counter: counterOrNull(counter) };
}

function uuidOrNull(value: unknown): string | null {
  return typeof value === 'string' && UUID.test(value) ? value : null;
}

function counterOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null;
}
