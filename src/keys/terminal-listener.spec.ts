import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { TestClock } from '@tax-control/protocol/testing';
import { DirectoryCustody } from './directory-custody.js';
import { hostsFile } from './hosts.js';
import { TERMINAL_HOSTS } from './key-directory.js';
import { KeyRing } from './key-ring.js';
import { makeKeys } from './make-keys.js';
import { TERMINAL_LISTENER_LIFE_MS } from './make-parts.js';
import { activateAuthority, stageAuthority } from './rotate-authority.js';
import { TerminalListener } from './terminal-listener.js';
import { placeFiles, writeKeys } from './write-keys.js';

const DAY_MS = 86_400_000;
const YEAR_MS = 365 * DAY_MS;
/** X.509 has whole seconds. */
const SECOND_MS = 1_000;
const NOW = new Date();
let root: string;
let ring: KeyRing;
let clock: TestClock;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'terminal-listener-spec-'));
  await writeKeys(root, (await makeKeys({ environment: 'test', hosts: ['localhost', '127.0.0.1'], now: NOW })).files);
  clock = new TestClock(NOW);
  ring = new KeyRing(new DirectoryCustody(root), clock);
});
afterEach(() => rm(root, { recursive: true, force: true }));

const shownBy = (listener: TerminalListener) => new X509Certificate(listener.material().cert);
const endOf = (certificate: X509Certificate) => Date.parse(certificate.validTo);

it('lives for 45 days, and is believed by a till whose clock is behind for as long as the authority is', async () => {
  clock.advance(2 * YEAR_MS);
  const certificate = shownBy(await TerminalListener.of(ring, clock));
  expect(Math.abs(endOf(certificate) - clock.now() - TERMINAL_LISTENER_LIFE_MS)).toBeLessThan(SECOND_MS);
  expect(certificate.validFrom).toBe(ring.issuingCa().certificate.validFrom);
  expect([certificate.checkHost('localhost'), certificate.checkIP('127.0.0.1')]).toEqual(['localhost', '127.0.0.1']);
});

it('never outlives its authority', async () => {
  const authority = ring.issuingCa().certificate;
  clock.set(endOf(authority) - DAY_MS);
  const certificate = shownBy(await TerminalListener.of(ring, clock));
  expect(certificate.validTo).toBe(authority.validTo);
});

it('is another one with another key each day, and stays the same in between', async () => {
  const listener = await TerminalListener.of(ring, clock);
  const { cert, key } = listener.material();
  clock.advance(DAY_MS - 1);
  expect(await listener.renew()).toBe(false);
  expect(listener.material()).toEqual({ cert, key });
  clock.advance(1);
  expect(await listener.renew()).toBe(true);
  expect(listener.material().key).not.toBe(key);
  expect(endOf(shownBy(listener)) - endOf(new X509Certificate(cert))).toBe(DAY_MS);
});

it('is another one when the clock was set, forward or back', async () => {
  clock.advance(YEAR_MS);
  const listener = await TerminalListener.of(ring, clock);
  clock.set(NOW);
  expect(await listener.renew()).toBe(true);
  expect(Math.abs(endOf(shownBy(listener)) - NOW.getTime() - TERMINAL_LISTENER_LIFE_MS)).toBeLessThan(SECOND_MS);
});

it('follows the hosts and the authority of the ring', async () => {
  const listener = await TerminalListener.of(ring, clock);
  await placeFiles(root, [hostsFile(TERMINAL_HOSTS, ['tills.example.org'])]);
  expect(ring.reload()).toBe(true);
  expect(await listener.renew()).toBe(true);
  expect(shownBy(listener).checkHost('tills.example.org')).toBe('tills.example.org');
  expect(shownBy(listener).checkHost('localhost')).toBeUndefined();
  await stageAuthority(root, NOW);
  await activateAuthority(root, NOW);
  ring.reload();
  expect(await listener.renew()).toBe(true);
  expect(shownBy(listener).verify(ring.issuingCa().certificate.publicKey)).toBe(true);
});

it('differs between instances, whose set of keys is the same', async () => {
  const other = new KeyRing(new DirectoryCustody(root), clock);
  const [one, two] = [await TerminalListener.of(ring, clock), await TerminalListener.of(other, clock)];
  expect(one.material().key).not.toBe(two.material().key);
  expect(ring.digest).toBe(other.digest);
  expect(one.list().at(-1)).toMatchObject({ kind: 'terminal_listener', use: 'in_use' });
});
