import { verify, sign, X509Certificate } from 'node:crypto';
import { chmod, mkdtemp, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isIssuedBy, LINKS_MAX, publicKeyFromJwk, systemClock, vouchedAuthorities } from '@tax-control/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DirectoryCustody } from './directory-custody.js';
import { KeyRing } from './key-ring.js';
import { KeyWatch } from './key-watch.js';
import { makeCertificate } from './make-certificate.js';
import { makeKeys } from './make-keys.js';
import { makeAuthority, makeLink, newKey } from './make-parts.js';
import { activateAuthority, stageAuthority } from './rotate-authority.js';
import { stageMacKey } from './rotate-mac-key.js';
import { activateSigningKey, madeKnownFor, stageSigningKey } from './rotate-signing-key.js';
import { TerminalListener } from './terminal-listener.js';
import { writeKeys } from './write-keys.js';

const HOSTS = ['localhost', '127.0.0.1', '::1'];
let root: string;
let ring: KeyRing;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'rotation-spec-'));
  await writeKeys(root, (await makeKeys({ environment: 'test', hosts: HOSTS, now: new Date() })).files);
  ring = new KeyRing(new DirectoryCustody(root), systemClock);
});
afterEach(() => rm(root, { recursive: true, force: true }));

const uses = (kind: string) =>
  ring
    .list()
    .filter((entry) => entry.kind === kind)
    .map(({ use }) => use);

/** The certificates of a PEM text or an x5c member. */
const chainOf = (pem: string) => pem.split(/(?<=-----END CERTIFICATE-----\n)/).map((one) => new X509Certificate(one));
const x5cOf = ({ x5c }: { readonly x5c: readonly string[] }) =>
  x5c.map((one) => new X509Certificate(Buffer.from(one, 'base64')));

/** Whether somebody who trusts one authority believes a chain. */
function believes(authority: X509Certificate, [first, ...links]: readonly X509Certificate[]): boolean {
  return isIssuedBy(first!, links, [authority]);
}

describe('the signing key', () => {
  it('is made known first and signs later, and what the one before signed verifies for ever', async () => {
    const before = ring.receiptSigner();
    const signature = sign('sha256', Buffer.from('x'), before.key);
    const { kid } = await stageSigningKey(root, new Date());
    expect(ring.reload()).toBe(true);
    expect([ring.receiptSigner().kid, ...ring.trustedKeys().map((key) => key.kid)].sort()).toEqual(
      [before.kid, before.kid, kid].sort(),
    );
    expect([uses('receipt_key'), uses('signing_certificate')]).toEqual([
      ['in_use', 'staged'],
      ['in_use', 'staged'],
    ]);
    await expect(stageSigningKey(root, new Date())).rejects.toThrow('made known already');

    await activateSigningKey(root);
    expect(ring.reload()).toBe(true);
    expect(ring.receiptSigner().kid).toBe(kid);
    expect(uses('receipt_key')).toEqual(['in_use', 'earlier']);
    const trusted = ring.trustedKeys().find((key) => key.kid === before.kid);
    expect(verify('sha256', Buffer.from('x'), publicKeyFromJwk(trusted!)!, signature)).toBe(true);
    await expect(activateSigningKey(root)).rejects.toThrow('No signing key is staged');
    expect(ring.reload()).toBe(false);
  });
});

describe('what is made known', () => {
  const HOUR_MS = 3_600_000;
  const later = (ms: number) => new Date(Date.now() + ms);

  it.each([
    ['signing-key', (now: Date) => stageSigningKey(root, now), 'next-signing-certificate.pem'],
    ['authority', (now: Date) => stageAuthority(root, now), 'ca/next-certificate.pem'],
  ] as const)('is so since it was made, whatever the times of its file say: %s', async (what, stage, file) => {
    expect(madeKnownFor(root, what, new Date())).toBeNull();
    await stage(new Date());
    await utimes(join(root, file), later(-2 * HOUR_MS), later(-2 * HOUR_MS));
    expect(madeKnownFor(root, what, new Date())).toBeLessThan(HOUR_MS / 2);
    await utimes(join(root, file), later(2 * HOUR_MS), later(2 * HOUR_MS));
    expect(madeKnownFor(root, what, later(2 * HOUR_MS))).toBeGreaterThan(HOUR_MS);
    expect(madeKnownFor(root, what, later(-2 * HOUR_MS))).toBe(0);
  });

  it('stays known when an authority is activated in between', async () => {
    const staged = later(-2 * HOUR_MS);
    await stageSigningKey(root, staged);
    await stageAuthority(root, staged);
    await activateAuthority(root, new Date());
    expect(madeKnownFor(root, 'signing-key', new Date())).toBeGreaterThan(HOUR_MS);
  });
});

describe('a MAC key', () => {
  it('begins at its number and changes none before', async () => {
    const first = 900_001_000_000;
    const before = ring.macKeyFor(first);
    await stageMacKey(root, first);
    ring.reload();
    expect(ring.macKeyFor(first - 1)).toEqual(before);
    expect(ring.macKeyFor(first)).not.toEqual(before);
    await expect(stageMacKey(root, first)).rejects.toThrow('begins at 900001000000 already');
    await expect(stageMacKey(root, 1_000_000_000_000)).rejects.toThrow('end before that');
  });
});

describe('the authority', () => {
  it('is made known first and issues later; who trusts any one of three generations believes all of it', async () => {
    const generations = [ring.issuingCa().certificate];
    for (let generation = 1; generation <= 2; generation += 1) {
      const { digest } = await stageAuthority(root, new Date());
      expect(ring.reload()).toBe(true);
      expect([ring.issuingCa().digest === digest, uses('authority').includes('staged')]).toEqual([false, true]);
      await activateAuthority(root, new Date());
      expect(ring.reload()).toBe(true);
      expect(ring.issuingCa().digest).toBe(digest);
      generations.push(ring.issuingCa().certificate);
    }
    expect(uses('authority')).toEqual(['in_use', 'earlier', 'earlier']);
    expect(ring.authorities().map(String).sort()).toEqual(generations.map(String).sort());
    const listener = await TerminalListener.of(ring, systemClock);
    for (const authority of generations) {
      expect(believes(authority, chainOf(listener.material().cert))).toBe(true);
      expect(believes(authority, x5cOf(ring.signingIdentity()))).toBe(true);
      expect(vouchedAuthorities([authority], ring.authoritiesAndLinks())).toHaveLength(2);
    }
    expect(new X509Certificate(listener.material().cert).checkIssued(generations[2]!)).toBe(true);
  });

  it('is not replaced once more than tills can follow', async () => {
    await stageAuthority(root, new Date());
    await activateAuthority(root, new Date());
    const file = join(root, 'ca', 'links.pem');
    await writeFile(file, (await readFile(file, 'utf8')).repeat(LINKS_MAX / 2));
    await expect(stageAuthority(root, new Date())).rejects.toThrow(
      'There are 2 authorities already, and tills look at no',
    );
  });

  it('is believed by nobody whom none of its predecessors vouches to', async () => {
    await stageAuthority(root, new Date());
    ring.reload();
    const other = join(root, 'other');
    await writeKeys(other, (await makeKeys({ environment: 'test', hosts: HOSTS, now: new Date() })).files);
    const stranger = new KeyRing(new DirectoryCustody(other), systemClock).issuingCa().certificate;
    expect(vouchedAuthorities([stranger], ring.authoritiesAndLinks())).toEqual([]);
    expect(believes(stranger, chainOf((await TerminalListener.of(ring, systemClock)).material().cert))).toBe(false);
    expect(vouchedAuthorities(ring.authorities(), [stranger])).toEqual([]);
  });

  it('alone can vouch: what it certified for a till or a server vouches for nothing', async () => {
    const { certificate, key } = ring.issuingCa();
    const life = { notBefore: new Date(0), notAfter: new Date('2100-01-01T00:00:00Z') };
    const thief = newKey();
    const stolen = new X509Certificate(
      await makeCertificate({
        purpose: 'terminal',
        subject: { sameAs: certificate.raw },
        key: thief,
        ...life,
        issuer: { certificate: certificate.raw, key },
      }),
    );
    const own = await makeAuthority('test', new Date(), certificate);
    const forged = new X509Certificate(own.certificate);
    const link = new X509Certificate(await makeLink(forged, { certificate: stolen, key: thief }, new Date()));
    const listener = await makeCertificate({
      purpose: 'server',
      subject: { commonName: 'localhost' },
      key: thief,
      ...life,
      issuer: { certificate: own.certificate, key: own.key },
    });
    expect(link.verify(stolen.publicKey) && stolen.verify(certificate.publicKey)).toBe(true);
    expect(vouchedAuthorities([certificate], [forged, link, stolen])).toEqual([]);
    expect(isIssuedBy(new X509Certificate(listener), [forged, link, stolen], [certificate])).toBe(false);
  });
});

describe('a ring that is exchanged', () => {
  const taken: string[] = [];
  const refused: string[] = [];
  const mended: string[] = [];
  let watch: KeyWatch;
  beforeEach(() => {
    taken.length = refused.length = mended.length = 0;
    watch = new KeyWatch(ring, {
      taken: () => taken.push(ring.digest),
      refused: (error) => refused.push((error as Error).message),
      mended: () => mended.push(ring.digest),
    });
  });

  it('is taken when two looks found the same', async () => {
    const before = ring.digest;
    await stageSigningKey(root, new Date());
    watch.look();
    expect([taken, ring.digest]).toEqual([[], before]);
    watch.look();
    expect(taken).toEqual([ring.digest]);
    expect(ring.digest).not.toBe(before);
    watch.look();
    expect(taken).toHaveLength(1);
  });

  it.each<[string, () => Promise<void>, string]>([
    [
      'half a file',
      async () => {
        const file = join(root, 'ca', 'certificate.pem');
        await writeFile(file, (await readFile(file, 'utf8')).slice(0, 300));
      },
      'is not a certificate',
    ],
    ['a folder that is away', () => rename(join(root, 'ca'), join(root, 'away')), 'is missing'],
    ['a chain that is cut off behind its first certificate', () => cutChain(), 'cannot be used for TLS'],
    ['a secret that others may read', () => chmod(join(root, 'ca', 'key.pem'), 0o644), 'chmod 600'],
    ['a receipt key that is gone', () => loseReceiptKey(), 'Restore receipt-signing/'],
    ['a MAC key that changed', () => changeMacKey(), 'Restore mac/900000000000.key'],
    ['links that are gone', () => loseLinks(), 'no link by which'],
    ['a listener that ran out', () => expireListener(), 'ran out on'],
  ])('is refused for %s, told once, and the one in use stays', async (_what, spoil, message) => {
    await spoil();
    const { digest } = ring;
    const signer = ring.receiptSigner();
    for (let look = 0; look < 4; look += 1) watch.look();
    expect(refused).toHaveLength(1);
    expect(refused[0]).toContain(message);
    expect([ring.digest, ring.refusal]).toEqual([digest, refused[0]]);
    expect(ring.receiptSigner()).toEqual(signer);
  });

  it('is taken for a certificate that was missing behind the web certificate', async () => {
    const { digest } = ring;
    const file = join(root, 'public-listener', 'certificate.pem');
    const chain = (await readFile(file, 'utf8')) + (await readFile(join(root, 'ca', 'certificate.pem'), 'utf8'));
    await writeFile(file, chain);
    watch.reload();
    expect([taken, refused]).toEqual([[ring.digest], []]);
    expect(ring.digest).not.toBe(digest);
    expect(ring.publicListener().cert).toBe(chain);
  });

  it('is told once it is mended', async () => {
    await rename(join(root, 'mac'), join(root, 'away'));
    watch.reload();
    expect(refused).toHaveLength(1);
    await rename(join(root, 'away'), join(root, 'mac'));
    watch.reload();
    watch.reload();
    expect([ring.refusal, taken, mended]).toEqual([null, [], [ring.digest]]);
  });

  async function loseReceiptKey(): Promise<void> {
    const { kid } = ring.receiptSigner();
    await stageSigningKey(root, new Date());
    await activateSigningKey(root);
    ring.reload();
    await rm(join(root, 'receipt-signing', `${kid}.pem`));
  }

  async function changeMacKey(): Promise<void> {
    const file = join(root, 'mac', '900000000000.key');
    await writeFile(file, Buffer.alloc(32, 1).toString('base64url'));
  }

  async function cutChain(): Promise<void> {
    const file = join(root, 'public-listener', 'certificate.pem');
    const one = await readFile(file, 'utf8');
    await writeFile(file, one + one.slice(0, 200));
  }

  async function loseLinks(): Promise<void> {
    await stageAuthority(root, new Date());
    ring.reload();
    await rm(join(root, 'ca', 'links.pem'));
  }

  async function expireListener(): Promise<void> {
    const other = join(root, 'other');
    const past = new Date('2020-01-01T00:00:00Z');
    await writeKeys(other, (await makeKeys({ environment: 'test', hosts: HOSTS, now: past })).files);
    await rm(join(root, 'public-listener'), { recursive: true });
    await rename(join(other, 'public-listener'), join(root, 'public-listener'));
  }
});
