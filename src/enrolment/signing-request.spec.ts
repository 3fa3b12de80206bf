import 'reflect-metadata';
import { webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { describe, expect, it } from 'vitest';
import { certificatesOnly } from './certificates-only.js';
import { namesTerminal, readSigningRequest, type SigningRequest } from './signing-request.js';
import { makeKeys } from '../keys/make-keys.js';

const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

async function request(algorithm: object = P256, name?: string) {
  const keys = await webcrypto.subtle.generateKey(algorithm as typeof P256, true, ['sign', 'verify']);
  const made = await x509.Pkcs10CertificateRequestGenerator.create({
    keys,
    signingAlgorithm: algorithm as typeof P256,
    ...(name === undefined ? {} : { name }),
  });
  return Buffer.from(made.rawData);
}

const read = (der: Buffer) => readSigningRequest(der.toString('base64'));
const refused = (code: string) => ({ ok: false, problem: { code } });

describe('a certificate signing request', () => {
  it('gives its key, whatever lines the base64 is broken into', async () => {
    const der = await request();
    const lines = der.toString('base64').replaceAll(/(.{64})/g, '$1\r\n');
    const [whole, broken] = [await read(der), await readSigningRequest(lines)];
    expect(whole).toMatchObject({ ok: true, request: { subject: [] } });
    expect(broken).toEqual(whole);
  });

  it.each([
    [
      'RSA 1024',
      { name: 'RSASSA-PKCS1-v1_5', modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
    ],
    [
      'RSA 4096',
      { name: 'RSASSA-PKCS1-v1_5', modulusLength: 4096, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
    ],
    ['P-384', { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' }],
    ['P-521', { name: 'ECDSA', namedCurve: 'P-521', hash: 'SHA-512' }],
    ['Ed25519', { name: 'Ed25519' }],
  ])('with a key of %s is not allowed', async (_, algorithm) => {
    expect(await read(await request(algorithm))).toMatchObject(refused('csr_key_not_allowed'));
  });

  it.each<[string, (der: Buffer) => unknown]>([
    ['nothing', () => ''],
    ['an object', () => ({})],
    [
      'PEM',
      (der) => `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----`,
    ],
    ['other characters', () => 'ÄÖÜ!'],
    ['base64 of no request', () => Buffer.from('hello').toString('base64')],
    ['half of it', (der) => der.subarray(0, der.length / 2).toString('base64')],
    ['a signature of other bytes', (der) => flipped(der, der.length - 1)],
    [
      'another key than the one that signed',
      (der) => flipped(der, der.indexOf(Buffer.from([0x03, 0x42, 0x00, 0x04])) + 10),
    ],
  ])('that is %s is malformed', async (_, spoil) => {
    const result = await readSigningRequest(spoil(await request()));
    expect(result.ok).toBe(false);
    // A point that is not on the curve is no key at all.
    expect(['csr_malformed', 'csr_key_not_allowed']).toContain(result.ok ? '' : result.problem.code);
  });

  it('whose signed bytes were changed anywhere is refused, and no error of the library gets out', async () => {
    const der = await request(P256, 'CN=T1');
    // A short SEQUENCE with the signed part, a short SEQUENCE itself, in front; what follows is the algorithm and the signature.
    const signedEnd = der.indexOf(0x30, 1) + 2 + (der[der.indexOf(0x30, 1) + 1] ?? 0);
    const taken: number[] = [];
    for (const position of der.keys())
      for (const value of [0x00, 0x06, 0xff]) {
        const copy = Buffer.from(der);
        copy.writeUInt8(value, position);
        if (!copy.equals(der) && (await read(copy)).ok) taken.push(position);
      }
    // The library is lax with the wrapping of the signature, which nothing is read from.
    expect(taken.filter((position) => position < signedEnd)).toEqual([]);
  }, 60_000);

  it('whose curve is no object identifier is refused', async () => {
    const der = await request();
    const curve = der.indexOf(Buffer.from('06082a8648ce3d030107', 'hex'));
    for (const tag of [0x02, 0x04, 0x05, 0x0c, 0x30]) {
      const copy = Buffer.from(der);
      copy.writeUInt8(tag, curve);
      expect((await read(copy)).ok).toBe(false);
    }
  });

  it.each<[string | undefined, boolean]>([
    [undefined, true],
    ['CN=T1', true],
    ['CN=T1, O=Somebody', true],
    ['CN=T2', false],
    ['CN=T1, CN=T2', false],
    ['O=T1', false],
    ['CN=t1', false],
  ])('with subject %s may be for terminal T1: %s', async (name, expected) => {
    const result = await read(await request(P256, name));
    expect(namesTerminal((result as { request: SigningRequest }).request, 'T1')).toBe(expected);
  });
});

function flipped(der: Buffer, position: number): string {
  const copy = Buffer.from(der);
  copy.writeUInt8(copy.readUInt8(position) ^ 1, position);
  return copy.toString('base64');
}

it('certificates are answered as a certs-only message that holds exactly them', async () => {
  const { files } = await makeKeys({ environment: 'test', hosts: ['localhost'], now: new Date() });
  const pem = files.find(({ path }) => path === 'ca/certificate.pem')!.content;
  const { raw } = new X509Certificate(pem);
  const text = certificatesOnly([raw]);
  expect(text.split('\n').every((line) => line.length <= 64)).toBe(true);
  const read = new x509.X509Certificates(text.replaceAll('\n', ''));
  expect([...read].map((one) => Buffer.from(one.rawData))).toEqual([raw]);
});
