import { createPublicKey, type KeyObject } from 'node:crypto';
import { publicKeyFromJwk, publicKeyToJwk } from '@tax-control/protocol';

/**
 * The key of a SubjectPublicKeyInfo, if it is on P-256 and written in the one usual way (RFC 5480: named curve; uncompressed point). OpenSSL also takes
 * curves that are spelled out and calls them P-256, but what we certify is to be read alike by everybody.
 */
export function p256Key(spki: Buffer): KeyObject | null {
  try {
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    const jwk = publicKeyToJwk(key);
    const usual = jwk && publicKeyFromJwk(jwk)?.export({ type: 'spki', format: 'der' });
    return usual?.equals(spki) === true ? key : null;
  } catch {
    return null;
  }
}
