import { createHash, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { decodeBase64Url } from '../jws/base64url.js';
import type { PublicKey } from '../parameters/parameters.js';

/** Bytes of a coordinate on P-256. */
const COORDINATE_BYTES = 32;

/** SHA-256 of a certificate's DER bytes, base64url (43 characters): `x5t#S256` (RFC 7515, 4.1.8), and `caDigest` of an invitation. */
export function certificateThumbprint(certificate: X509Certificate | Uint8Array): string {
  const der = certificate instanceof X509Certificate ? certificate.raw : certificate;
  return createHash('sha256').update(der).digest('base64url');
}

/** Thumbprint of a public key on P-256 (RFC 7638, 3): SHA-256 of its required members in lexical order, base64url. */
export function jwkThumbprint({ crv, kty, x, y }: Pick<PublicKey, 'crv' | 'kty' | 'x' | 'y'>): string {
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}

/** The public half of a key as JWK whose `kid` is its thumbprint; null unless it is an elliptic curve key on P-256. */
export function publicKeyToJwk(key: KeyObject): PublicKey | null {
  if (key.asymmetricKeyType !== 'ec') return null;
  const { kty, crv, x, y } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' });
  if (kty !== 'EC' || crv !== 'P-256' || x === undefined || y === undefined) return null;
  return { kty, crv, x, y, kid: jwkThumbprint({ kty, crv, x, y }), use: 'sig', alg: 'ES256' };
}

/** The key of a JWK; null when its coordinates are not a point of P-256 or its `kid` is not its thumbprint. */
export function publicKeyFromJwk(jwk: PublicKey): KeyObject | null {
  const { kty, crv, x, y } = jwk;
  if (![x, y].every((coordinate) => decodeBase64Url(coordinate)?.length === COORDINATE_BYTES)) return null;
  if (jwkThumbprint(jwk) !== jwk.kid) return null;
  try {
    return createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' });
  } catch {
    return null;
  }
}
