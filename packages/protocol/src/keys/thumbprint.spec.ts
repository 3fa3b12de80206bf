import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { jwkThumbprint, publicKeyFromJwk, publicKeyToJwk } from './thumbprint.js';

describe('public keys as JWK', () => {
  it('come back as they went', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = publicKeyToJwk(privateKey)!;
    expect(publicKeyToJwk(publicKey)).toEqual(jwk);
    expect(jwk).not.toHaveProperty('d');
    expect(publicKeyFromJwk(jwk)?.equals(publicKey)).toBe(true);
  });

  it('are on P-256 only', () => {
    expect(publicKeyToJwk(generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey)).toBeNull();
    expect(publicKeyToJwk(generateKeyPairSync('ed25519').publicKey)).toBeNull();
    expect(publicKeyToJwk(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey)).toBeNull();
  });

  it('are refused when the kid is not the thumbprint or the point not on the curve', () => {
    const jwk = publicKeyToJwk(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey)!;
    expect(publicKeyFromJwk({ ...jwk, kid: 'x' })).toBeNull();
    expect(publicKeyFromJwk({ ...jwk, y: jwk.x })).toBeNull();
    // The same point with a zero in front would be a second spelling, with a second thumbprint.
    const x = Buffer.concat([Buffer.alloc(1), Buffer.from(jwk.x, 'base64url')]).toString('base64url');
    expect(publicKeyFromJwk({ ...jwk, x, kid: jwkThumbprint({ ...jwk, x }) })).toBeNull();
  });
});
