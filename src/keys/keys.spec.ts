import { createPublicKey, sign, verify, X509Certificate } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SIGNING_KEY_USAGE_OID, systemClock } from '@tax-control/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DirectoryCustody } from './directory-custody.js';
import { KeyRing } from './key-ring.js';
import { makeKeys } from './make-keys.js';
import { TerminalListener } from './terminal-listener.js';
import { writeKeys } from './write-keys.js';

const HOSTS = ['localhost', '127.0.0.1'];
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keys-spec-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function writeNewKeys(root = directory, environment: 'production' | 'test' = 'production'): Promise<string> {
  const made = await makeKeys({ environment, hosts: HOSTS, now: new Date() });
  await writeKeys(root, made.files);
  return made.caDigest;
}

const load = (root = directory) => new KeyRing(new DirectoryCustody(root), systemClock);

describe('a set of keys', () => {
  it('comes back from its directory as it was made', async () => {
    const caDigest = await writeNewKeys();
    const ring = load();
    expect(ring.environment).toBe('production');
    expect(ring.issuingCa().digest).toBe(caDigest);
    expect(ring.macKeyFor(1)).toHaveLength(32);
    expect(ring.macKeyFor(899_999_999_999)).toEqual(ring.macKeyFor(1));
    expect(ring.trustedKeys()[0]?.kid).toBe(ring.receiptSigner().kid);
    const signature = sign('sha256', Buffer.from('x'), ring.receiptSigner().key);
    const trusted = createPublicKey({ key: { ...ring.trustedKeys()[0] }, format: 'jwk' });
    expect(verify('sha256', Buffer.from('x'), trusted, signature)).toBe(true);
  });

  it('lets the authority issue what tills are to believe, and nothing else', async () => {
    await writeNewKeys();
    const ring = load();
    const authority = ring.issuingCa().certificate;
    const signing = new X509Certificate(Buffer.from(ring.signingIdentity().x5c[0]!, 'base64'));
    const listener = new X509Certificate((await TerminalListener.of(ring, systemClock)).material().cert);
    expect(authority.ca).toBe(true);
    expect(authority.verify(authority.publicKey)).toBe(true);
    expect(signing.verify(authority.publicKey)).toBe(true);
    expect(signing.ca).toBe(false);
    expect(signing.keyUsage).toEqual([SIGNING_KEY_USAGE_OID]);
    expect(listener.verify(authority.publicKey)).toBe(true);
    expect(listener.checkHost('localhost')).toBe('localhost');
    expect(listener.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(new X509Certificate(ring.publicListener().cert).verify(authority.publicKey)).toBe(false);
  });

  it('says test everywhere in the test environment, and authenticates its range only', async () => {
    await writeNewKeys(directory, 'test');
    const ring = load();
    expect(ring.environment).toBe('test');
    expect(ring.issuingCa().certificate.subject).toContain('description=test');
    expect(ring.macKeyFor(900_000_000_000)).toHaveLength(32);
    expect(() => ring.macKeyFor(899_999_999_999)).toThrow('no MAC key');
  });

  it('belongs to its owner alone', async () => {
    await writeNewKeys();
    for (const path of await readdir(directory, { recursive: true }))
      expect({ path, rights: (await stat(join(directory, path))).mode & 0o077 }).toEqual({ path, rights: 0 });
    expect((await readdir(directory)).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('is never overwritten, not even by two makers at once', async () => {
    const made = await Promise.allSettled([writeNewKeys(), writeNewKeys(), writeNewKeys()]);
    const digests = made.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(digests).toHaveLength(1);
    expect(load().issuingCa().digest).toBe(digests[0]);
    await expect(writeNewKeys()).rejects.toThrow('keys are never overwritten');
  });
});

describe('rotation', () => {
  it('goes on trusting a retired receipt key by its public half', async () => {
    await writeNewKeys();
    const other = join(directory, 'other');
    await writeNewKeys(other);
    const { kid } = load(other).receiptSigner();
    const publicPem = createPublicKey(load(other).receiptSigner().key).export({ type: 'spki', format: 'pem' });
    await writeFile(join(directory, 'receipt-signing', `${kid}.pem`), publicPem, { mode: 0o600 });
    expect(
      load()
        .trustedKeys()
        .map((key) => key.kid),
    ).toEqual([load().receiptSigner().kid, kid]);
  });

  it('takes the MAC key of the range in which a number lies', async () => {
    await writeNewKeys();
    await writeFile(join(directory, 'mac', '5000.key'), Buffer.alloc(32, 7).toString('base64url'), { mode: 0o600 });
    expect(load().macKeyFor(4999)).toEqual(load().macKeyFor(1));
    expect(load().macKeyFor(5000)).toEqual(Buffer.alloc(32, 7));
  });
});

describe('unfit keys are refused, saying what to do', () => {
  const path = (...parts: string[]) => join(directory, ...parts);

  it('no keys at all', () => {
    expect(() => load()).toThrow(/missing.*tax-control keys init/);
  });

  it.each(['ca/key.pem', 'mac/1.key', 'public-listener/key.pem'])('%s readable by others', async (file) => {
    await writeNewKeys();
    await chmod(path(file), 0o644);
    expect(() => load()).toThrow(`Run: chmod 600 ${path(file)}`);
  });

  it('allows a group to read, as orchestrators hand secrets over', async () => {
    await writeNewKeys();
    await chmod(path('ca/key.pem'), 0o440);
    expect(load().issuingCa().digest).toHaveLength(43);
  });

  it.each(['ca/key.pem', 'public-listener/key.pem'])('%s of another set', async (file) => {
    await writeNewKeys();
    await writeNewKeys(path('other'));
    await rename(path('other', file), path(file));
    expect(() => load()).toThrow('Restore the two that belong together');
  });

  it('a signing certificate of another authority', async () => {
    await writeNewKeys();
    await writeNewKeys(path('other'));
    await rename(path('other', 'signing-certificate.pem'), path('signing-certificate.pem'));
    expect(() => load()).toThrow('the authority in ca/');
  });

  it.each([
    ['ca/key.pem', 'is not a private key'],
    ['ca/certificate.pem', 'is not a certificate'],
    ['mac/1.key', 'is not a MAC key'],
    ['terminal-hosts.txt', 'must name the hosts'],
    ['receipt-signing/other.pem', 'neither a private nor a public key'],
  ])('%s with rubbish in it, which is not repeated', async (file, message) => {
    await writeNewKeys();
    await writeFile(path(file), 'rubbish!', { mode: 0o600 });
    expect(() => load()).toThrow(message);
    expect(() => load()).not.toThrow('rubbish!');
  });

  it('a receipt key under another name', async () => {
    await writeNewKeys();
    const { kid } = load().receiptSigner();
    await writeFile(path('receipt-signing/other.pem'), await readFile(path('receipt-signing', `${kid}.pem`)), {
      mode: 0o600,
    });
    expect(() => load()).toThrow(`it should be named ${kid}.pem`);
  });

  it('no MAC key for the first number, a folder in its place', async () => {
    await writeNewKeys();
    await rm(path('mac/1.key'));
    expect(() => load()).toThrow(/1\.key is missing.*backup/);
    await mkdir(path('mac/1.key'), { mode: 0o700 });
    expect(() => load()).toThrow('cannot be read');
  });
});
