import { type KeyObject, X509Certificate } from 'node:crypto';
import { decodeUtf8, parseJsonWithUniqueNames } from '../json/exact-json.js';
import { isIssuedBy, LINKS_MAX } from '../keys/authorities.js';
import { SIGNING_KEY_USAGE_OID } from '../version.js';
import { hasClosedHeader, parseCompactJws, signCompactJws, verifyCompactJws } from './compact-jws.js';

/**
 * What signs a document for the tills.
 * @property x5c certificates in DER, base64, the signing one first (RFC 7515, 4.1.6); issued by an authority that tills trust, or
 * followed by the links that lead there
 */
export interface SigningIdentity {
  readonly key: KeyObject;
  readonly x5c: readonly string[];
}

/** `value`: the payload, of which nothing but the signature was judged. */
export type SignedDocumentReading =
  | { readonly ok: true; readonly value: unknown; readonly certificate: X509Certificate }
  | { readonly ok: false; readonly detail: string };

/** Signs a JSON document with the server's signing certificate in its header, so that it can be carried in any way. */
export function signDocument(type: string, document: unknown, { key, x5c }: SigningIdentity): string {
  return signCompactJws({ typ: type, x5c }, JSON.stringify(document), key);
}

/**
 * Reads a document that the server's signing certificate signed: closed header (alg, typ, x5c), certificate issued by a
 * trusted authority or one that it vouches for, and made for signing documents, signature. Dates of the certificate are for the
 * caller to judge.
 */
export function readSignedDocument(
  text: string,
  type: string,
  trusted: readonly X509Certificate[],
): SignedDocumentReading {
  const jws = parseCompactJws(text);
  if (jws === null) return refused('is not a compact JWS');
  if (!hasClosedHeader(jws, type, 'x5c')) return refused(`has another header than alg ES256, typ ${type} and x5c`);
  const [certificate, ...links] = certificatesOf(jws.header['x5c']);
  if (certificate === undefined) return refused('bears no certificate that can be read');
  if (!isIssuedBy(certificate, links, trusted))
    return refused('is signed by a certificate of another authority than the one pinned');
  // Node calls the extended key usages `keyUsage`. A till's certificate comes from the same authority, but has clientAuth only.
  if (!certificate.keyUsage?.includes(SIGNING_KEY_USAGE_OID))
    return refused('is signed by a certificate that was not issued for it');
  if (!isP256(certificate.publicKey) || !verifyCompactJws(jws, certificate.publicKey))
    return refused('bears a signature that does not fit');
  const content = decodeUtf8(jws.payload);
  const parsed = content === null ? null : parseJsonWithUniqueNames(content);
  return parsed === null ? refused('is not JSON') : { ok: true, value: parsed.value, certificate };
}

/** Whether a certificate had not expired at a time (RFC 3339); false for a time that cannot be read. */
export function isBeforeExpiry(certificate: X509Certificate, time: string): boolean {
  return Date.parse(time) <= Date.parse(certificate.validTo);
}

/** None where one of them cannot be read. */
function certificatesOf(x5c: unknown): X509Certificate[] {
  if (!Array.isArray(x5c)) return [];
  try {
    return x5c.slice(0, LINKS_MAX).map((one) => new X509Certificate(Buffer.from(String(one), 'base64')));
  } catch {
    return [];
  }
}

function isP256(key: KeyObject): boolean {
  return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
}

function refused(what: string): SignedDocumentReading {
  return { ok: false, detail: `The document ${what}.` };
}
