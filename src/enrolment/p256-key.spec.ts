import { generateKeyPairSync } from 'node:crypto';
import { expect, it } from 'vitest';
import { p256Key } from './p256-key.js';

const spkiOf = (options: { namedCurve: string; paramEncoding?: 'explicit' | 'named' }) =>
  generateKeyPairSync('ec', options).publicKey.export({ type: 'spki', format: 'der' });

it('takes a key on P-256', () => {
  const spki = spkiOf({ namedCurve: 'P-256' });
  expect(p256Key(spki)?.export({ type: 'spki', format: 'der' })).toEqual(spki);
});

it('takes no curve that is spelled out, although OpenSSL calls it P-256', () => {
  expect(p256Key(spkiOf({ namedCurve: 'P-256', paramEncoding: 'explicit' }))).toBeNull();
});

it('takes no other curve, no compressed point, no point beside the curve, no more and no fewer bytes', () => {
  const spki = spkiOf({ namedCurve: 'P-256' });
  const beside = Buffer.from(spki);
  beside.writeUInt8(beside.readUInt8(60) ^ 1, 60);
  const compressed = Buffer.concat([
    Buffer.from('3039', 'hex'),
    spki.subarray(2, 23),
    Buffer.from('03220002', 'hex'),
    spki.subarray(27, 59),
  ]);
  const all = [
    spkiOf({ namedCurve: 'secp256k1' }),
    compressed,
    beside,
    spki.subarray(0, 90),
    Buffer.concat([spki, Buffer.alloc(1)]),
  ];
  expect(all.map(p256Key)).toEqual([null, null, null, null, null]);
});
