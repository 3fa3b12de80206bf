import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { derSignature } from './der-signature.js';

describe('derSignature', () => {
  it('is what Node takes for DER, whatever the leading bits of r and s are', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const leading = new Set<boolean>();
    for (let count = 0; count < 300; count += 1) {
      const input = Buffer.from(`input ${count}`);
      const raw = sign('sha256', input, { key: privateKey, dsaEncoding: 'ieee-p1363' });
      leading.add(raw[0]! >= 0x80);
      expect(verify('sha256', input, publicKey, derSignature(raw))).toBe(true);
    }
    expect(leading.size).toBe(2);
  });

  it('leaves no leading zero but the one that keeps a number positive', () => {
    const raw = Buffer.concat([Buffer.alloc(31), Buffer.from([5]), Buffer.alloc(31), Buffer.from([0x80])]);
    expect(derSignature(raw).toString('hex')).toBe('300702010502020080');
  });
});
