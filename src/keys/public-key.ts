import type { KeyObject } from 'node:crypto';
import { type PublicKey, publicKeyToJwk } from '@tax-control/protocol';
import { KeyFilesError } from './key-files-error.js';

/** A P-256 key as public JWK, its `kid` the thumbprint (RFC 7638). Throws on any other kind of key. */
export function publicJwk(key: KeyObject): PublicKey {
  const jwk = publicKeyToJwk(key);
  if (jwk === null)
    throw new KeyFilesError('A key is not an elliptic curve key on P-256. Restore the right one from your backup.');
  return jwk;
}
