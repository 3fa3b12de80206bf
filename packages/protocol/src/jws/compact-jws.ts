import { type KeyObject, sign, verify } from 'node:crypto';
import { decodeUtf8, isJsonObject, parseJsonWithUniqueNames } from '../json/exact-json.js';
import { decodeBase64Url } from './base64url.js';

/** A compact JWS (RFC 7515, 7.1) taken apart; nothing of it is believed yet. */
export interface CompactJws {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Buffer;
  readonly signature: Buffer;
  /** The bytes that were signed: `header.payload` as sent. */
  readonly signingInput: string;
}

/** Bytes of an ES256 signature: r and s, 32 each (RFC 7518, 3.4). */
const SIGNATURE_BYTES = 64;
/**
 * Characters of an encoded header. An invoice's has 130; one with a chain of three certificates has 6,000. Without a bound of its own
 * a header could be as large as an invoice, and parsing that much hostile JSON takes seconds.
 */
const HEADER_LENGTH_MAX = 16_384;

/**
 * Takes a compact JWS apart; null when it is not three parts of strict base64url with a JSON object as header that names
 * no member twice (RFC 7515, 4) and is not longer than {@link HEADER_LENGTH_MAX}. An unsecured one (`alg: none`, empty
 * signature) can be read: its header is what is wrong with it.
 */
export function parseCompactJws(text: string): CompactJws | null {
  const firstDot = text.indexOf('.');
  const lastDot = text.lastIndexOf('.');
  if (firstDot < 0 || firstDot > HEADER_LENGTH_MAX || text.indexOf('.', firstDot + 1) !== lastDot) return null;
  const header = parseHeader(text.slice(0, firstDot));
  if (header === null) return null;
  const payload = decodeBase64Url(text.slice(firstDot + 1, lastDot));
  const signature = decodeBase64Url(text.slice(lastDot + 1));
  if (payload === null || signature === null) return null;
  return { header, payload, signature, signingInput: text.slice(0, lastDot) };
}

function parseHeader(encoded: string): Record<string, unknown> | null {
  const bytes = decodeBase64Url(encoded);
  const text = bytes && decodeUtf8(bytes);
  const parsed = text === null ? null : parseJsonWithUniqueNames(text);
  return parsed !== null && isJsonObject(parsed.value) ? parsed.value : null;
}

/**
 * Whether a header is closed over the given names: each is there and no other is (RFC 8725, 3.1 and 3.11: what is
 * not agreed is not accepted), the algorithm is ES256 and the type is the one expected.
 */
export function hasClosedHeader(jws: CompactJws, type: string, name: string): boolean {
  const { header } = jws;
  return (
    header['alg'] === 'ES256' &&
    header['typ'] === type &&
    Object.hasOwn(header, name) &&
    // alg, typ and the one that says whose key signed
    Object.keys(header).length === 3
  );
}

/** Signs bytes as compact JWS with ES256. The header is written as given. */
export function signCompactJws(
  header: Readonly<Record<string, unknown>>,
  payload: Uint8Array | string,
  key: KeyObject,
): string {
  const body = typeof payload === 'string' ? Buffer.from(payload, 'utf8') : Buffer.from(payload);
  const input = `${Buffer.from(JSON.stringify({ alg: 'ES256', ...header })).toString('base64url')}.${body.toString('base64url')}`;
  return `${input}.${sign('sha256', Buffer.from(input, 'ascii'), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

/** Whether the ES256 signature fits; the header's `alg` must have been checked by the caller's closed header. */
export function verifyCompactJws(jws: CompactJws, key: KeyObject): boolean {
  if (jws.signature.length !== SIGNATURE_BYTES) return false;
  return verify('sha256', Buffer.from(jws.signingInput, 'ascii'), { key, dsaEncoding: 'ieee-p1363' }, jws.signature);
}
