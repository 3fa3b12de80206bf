import { createHash, type KeyObject } from 'node:crypto';
import type { PublicKey } from '@tax-control/protocol';
import { KeyFilesError } from './key-files-error.js';

/** A P-256 key as public JWK whose `kid` is its thumbprint (RFC 7638). Throws on any other kind of key. */
export function publicJwk(key: KeyObject): PublicKey {
  const { kty, crv, x, y } = key.export({ format: 'jwk' });
  if (kty !== 'EC' || crv !== 'P-256' || x === undefined || y === undefined)
    throw new KeyFilesError('the key is not an elliptic curve key on P-256');
  const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
  return { kty, crv, x, y, kid, use: 'sig', alg: 'ES256' };
}
