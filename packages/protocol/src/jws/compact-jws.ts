import { type KeyObject, sign, verify } from 'node:crypto';
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

/** Takes a compact JWS apart; null when it is not three parts of strict base64url with a JSON object as header. */
export function parseCompactJws(text: string): CompactJws | null {
  const [encodedHeader, encodedPayload, encodedSignature, ...rest] = text.split('.');
  if (encodedHeader === undefined || encodedPayload === undefined || encodedSignature === undefined || rest.length > 0)
    return null;
  const headerBytes = decodeBase64Url(encodedHeader);
  const payload = decodeBase64Url(encodedPayload);
  const signature = decodeBase64Url(encodedSignature);
  if (headerBytes === null || payload === null || signature === null || signature.length !== SIGNATURE_BYTES)
    return null;
  const header = parseHeader(headerBytes);
  return header && { header, payload, signature, signingInput: `${encodedHeader}.${encodedPayload}` };
}

/** A header is an object whose text is its own re-serialisation: no member twice, none hidden by an escape. */
function parseHeader(bytes: Buffer): Record<string, unknown> | null {
  try {
    const header: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof header !== 'object' || header === null || Array.isArray(header)) return null;
    return new Set(Object.keys(header)).size === (bytes.toString('utf8').match(/":/g)?.length ?? 0)
      ? { ...header }
      : null;
  } catch {
    return null;
  }
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
  return verify('sha256', Buffer.from(jws.signingInput, 'ascii'), { key, dsaEncoding: 'ieee-p1363' }, jws.signature);
}
