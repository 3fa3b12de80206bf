import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withFullVerification } from './database-url.js';
import { readDatabaseSettings } from './read-settings.js';

const ADDRESS = 'postgresql://server:hunter2@db.example.org:5432/tax';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tax-control-url-'));
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  writeFileSync(join(folder, 'key.pem'), privateKey);
  writeFileSync(join(folder, 'other.pem'), 'rubbish');
});
afterAll(() => rmSync(folder, { recursive: true }));

function faultOf(url: string): string | null {
  try {
    readDatabaseSettings({ DATABASE_URL: url });
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe('DATABASE_URL', () => {
  it.each([
    ['a host', ADDRESS],
    ['an address of IPv6', 'postgresql://server:hunter2@[::1]:5432/tax'],
    ['a socket file', 'postgresql:///tax?host=/var/run/postgresql&user=server'],
    ['a socket file and a user', 'postgresql://server@/tax?host=/var/run/postgresql'],
    ['a socket file in place of the host', 'postgresql://server@%2Fvar%2Frun%2Fpostgresql/tax'],
    ['TLS without files', `${ADDRESS}?sslmode=verify-full`],
    ['no TLS, on purpose', `${ADDRESS}?sslmode=disable`],
  ])('may name %s', (_, url) => {
    expect(faultOf(url)).toBeNull();
  });

  it.each([
    ['no host', 'postgresql:///tax', /must be an address/],
    ['another scheme', 'mysql://server@db/tax', /must be an address/],
    ['a port that is none', 'postgresql://server@db:port/tax', /must be an address/],
    ['a password with a bare %', 'postgresql://server:50%zz@db/tax', /special characters as %/],
    ['an sslmode that is none', `${ADDRESS}?sslmode=verfy-full`, /unknown sslmode: write verify-full/],
    ['TLS only where the other end likes', `${ADDRESS}?sslmode=prefer`, /unknown sslmode: write verify-full/],
    ['what weakens sslmode', `${ADDRESS}?sslmode=require&uselibpqcompat=true`, /must not have uselibpqcompat/],
    [
      'a file that is not there',
      `${ADDRESS}?sslrootcert=/nowhere/ca.pem`,
      /sslrootcert a file that cannot be read by this process \(\/nowhere\/ca\.pem\)/,
    ],
    [
      'a file with something else',
      `${ADDRESS}?sslrootcert=FOLDER/other.pem`,
      /something else in it .*must hold a certificate in PEM/,
    ],
    ['a key without certificate', `${ADDRESS}?sslkey=FOLDER/key.pem`, /sslcert and sslkey together/],
  ])('may not have %s, and says so without the password', (_, url, message) => {
    const fault = faultOf(url.replace('FOLDER', folder));
    expect(fault).toMatch(message);
    expect(fault).not.toContain('hunter2');
  });

  it.each(['require', 'verify-ca', 'verify-full'])('checks the certificate with sslmode=%s', (mode) => {
    const { url } = readDatabaseSettings({ DATABASE_URL: `${ADDRESS}?sslmode=${mode}&application_name=x` });
    expect(url).toBe(`${ADDRESS}?sslmode=verify-full&application_name=x`);
  });

  it('leaves a password alone that looks like a parameter', () => {
    const url = 'postgresql://u:a%3Fsslmode=require@db/tax';
    expect(withFullVerification(url)).toBe(url);
  });
});
