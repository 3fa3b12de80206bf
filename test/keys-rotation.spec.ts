import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'node:tls';
import {
  type BillingInterface,
  enrol,
  exportJournal,
  openTill,
  type SaleIssued,
  type SaleResult,
  systemClock,
  verifyJournal,
} from '@tax-control/billing-interface';
import { draft, STILL } from '@tax-control/billing-interface/testing';
import {
  certificateThumbprint,
  encodeInvitation,
  parseCode,
  type PublicKey,
  readCertificatesPem,
  readReceipt,
} from '@tax-control/protocol';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { run as tellCommand } from '../src/commands/run.js';
import { createInvitation } from './support/invitations.js';
import { runAudit } from '../tools/audit/audit.js';
import { publishParameters } from './issuance/office.js';
import { call } from './support/client.js';
import { makeGround, type TestGround } from './support/server.js';
import { type ServerProcess, startServerProcess } from './support/server-process.js';
import { makeTerminal } from './support/terminals.js';

/** A pace at which a till learns within a test what it learns within a quarter of an hour otherwise. */
const BRISK = { ...STILL, drainMs: 50, idleMs: 200, parametersMs: 200 };
/** Sales between two steps. */
const SALES_BETWEEN = 3;
/** From one customer to the next, milliseconds. Sales go before everything else: without a pause a till would never come to ask for its parameters. */
const CUSTOMER_MS = 5;
const HOUR_MS = 3_600_000;

let ground: TestGround;
let directory: string;
let servers: readonly [ServerProcess, ServerProcess];
let seller: Seller;

beforeAll(async () => {
  ground = await makeGround();
  directory = await mkdtemp(join(tmpdir(), 'keys-rotation-'));
  await publishParameters(ground);
  vi.stubEnv('DATABASE_URL', ground.database.operatorUrl);
  vi.stubEnv('KEYS_DIRECTORY', ground.keysDirectory);
  const environment = { ENROLMENT_CERTIFICATE_DAYS: '1' };
  servers = await Promise.all([startServerProcess(ground, environment), startServerProcess(ground, environment)]);
  for (const terminalId of ['seller', 'sleeper', 'late', 'new']) await makeTerminal(ground, { terminalId });
});
afterAll(async () => {
  await seller?.stop();
  await Promise.all(servers.map((server) => server.end('SIGTERM')));
  vi.unstubAllEnvs();
  await ground.clear();
  await rm(directory, { recursive: true, force: true });
});

/** What the operator's command answers. */
async function control(...commandLine: string[]): Promise<Record<string, unknown>> {
  let [out, error] = ['', ''];
  const terminal = { out: (text: string) => (out += text), error: (text: string) => (error += text) };
  if ((await tellCommand(['keys', ...commandLine, '--json'], terminal, systemClock)) !== 0) throw new Error(error);
  return JSON.parse(out) as Record<string, unknown>;
}

interface LogLine {
  readonly msg: string;
  readonly digest?: string;
  readonly reason?: string;
}

function events(server: ServerProcess, msg: string): LogLine[] {
  return server.logLines.map((line) => JSON.parse(line) as LogLine).filter((line) => line.msg === msg);
}

/** Changes the keys, and waits until both instances have them: told by a signal, or by themselves. */
async function rotate(change: () => Promise<unknown>, told: 'by signal' | 'by nobody'): Promise<void> {
  const before = servers.map((server) => events(server, 'keys taken').length);
  await change();
  if (told === 'by signal') for (const { pid } of servers) process.kill(pid, 'SIGHUP');
  const taken = () => servers.map((server, index) => events(server, 'keys taken').length > before[index]!);
  await expect.poll(taken, { interval: 20 }).toEqual([true, true]);
  const [one, other] = servers.map((server) => events(server, 'keys taken').at(-1)?.digest);
  expect(one).toBe(other);
  await seller.sell(SALES_BETWEEN);
}

async function invite(terminalId: string): Promise<string> {
  const authority = new X509Certificate(await readFile(join(ground.keysDirectory, 'ca', 'certificate.pem')));
  const { secret } = await createInvitation(ground.superuser, terminalId, 1);
  const addresses = servers.map(({ addresses: { terminals } }) => `https://127.0.0.1:${terminals.port}`);
  return encodeInvitation({ addresses, caDigest: certificateThumbprint(authority), terminalId, secret });
}

async function enrolled(terminalId: string, invitation?: string): Promise<string> {
  const folder = join(directory, terminalId);
  const result = await enrol({ invitation: invitation ?? (await invite(terminalId)), directory: folder });
  expect(result).toMatchObject({ result: 'enrolled', parametersVersion: 1 });
  return folder;
}

function open(folder: string, hoursLater = 0): Promise<BillingInterface> {
  const clock = { ...systemClock, now: () => systemClock.now() + hoursLater * HOUR_MS };
  return openTill({ directory: folder, software: { name: 'Till under test', version: '1' }, pace: BRISK, clock });
}

/** A till that sells one after the other, until it is stopped or a sale fails. */
class Seller {
  readonly results: SaleResult[] = [];
  #ended = false;
  #running: Promise<void>;

  constructor(readonly till: BillingInterface) {
    this.#running = this.#sell();
  }

  async sell(more: number): Promise<void> {
    const goal = this.results.length + more;
    while (this.results.length < goal && !this.#ended) await pause(CUSTOMER_MS);
  }

  get last(): SaleIssued {
    return this.results.at(-1) as SaleIssued;
  }

  async stop(): Promise<void> {
    this.#ended = true;
    await this.#running;
  }

  async #sell(): Promise<void> {
    while (!this.#ended) {
      const sale = this.results.length + 1;
      const result = await this.till.issue(`sale ${sale}`, draft(`S-${sale}`));
      this.results.push(result);
      // One is enough to fail the test, and a till that is closed would answer without end.
      this.#ended ||= result.result !== 'issued';
      await pause(CUSTOMER_MS);
    }
  }
}

const kidOf = (receipt: string) =>
  (JSON.parse(Buffer.from(receipt.split('.')[0]!, 'base64url').toString()) as { kid: string }).kid;

function shownBy({ addresses }: ServerProcess, listener: 'terminals' | 'public'): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: addresses[listener].port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

const certificatesOf = async (folder: string) => readCertificatesPem(await readFile(join(folder, 'ca.pem'), 'utf8'));

describe('while a till sells', () => {
  let first: SaleIssued;
  let oldInvitation: string;
  let sleeper: string;

  it('every key is exchanged on two servers, and not one sale fails', async () => {
    sleeper = await enrolled('sleeper');
    oldInvitation = await invite('late');
    seller = new Seller(await open(await enrolled('seller')));
    await seller.sell(SALES_BETWEEN);
    first = seller.results[0] as SaleIssued;
    const shown = await Promise.all([shownBy(servers[0], 'terminals'), shownBy(servers[1], 'public')]);

    const learnedBySeller = async () => (await certificatesOf(join(directory, 'seller'))).length;
    // The listeners: nobody tells the servers.
    await rotate(async () => {
      await control('listener', '--host', 'localhost', '--host', '127.0.0.1');
      await control('listener', '--public', '--host', 'localhost');
    }, 'by nobody');
    const now = () => Promise.all([shownBy(servers[0], 'terminals'), shownBy(servers[1], 'public')]);
    await expect.poll(async () => (await now()).filter((one) => shown.includes(one))).toEqual([]);

    // The signing key, in two steps.
    let kid = '';
    await rotate(async () => ({ kid = '' } = (await control('stage', 'signing-key')) as { kid?: string }), 'by signal');
    expect(kidOf(seller.last.receiptJws)).not.toBe(kid);
    await expect(control('activate', 'signing-key')).rejects.toThrow('0 minutes ago');
    await rotate(() => control('activate', 'signing-key', '--now'), 'by signal');
    await expect.poll(() => kidOf(seller.last.receiptJws)).toBe(kid);

    // A MAC key, ahead of the present number; then the numbers reach it.
    let firstSequence = 0;
    await rotate(async () => {
      firstSequence = Number((await control('stage', 'mac-key', '--ahead', '50000'))['firstSequence']);
    }, 'by signal');
    await ground.superuser.query(`SELECT setval('tax_control_number_test', $1)`, [firstSequence - 3]);
    await seller.sell(6);
    expect(parseCode(seller.last.code)!.sequence).toBeGreaterThan(firstSequence);

    // The authority, in two steps.
    await rotate(() => control('stage', 'authority'), 'by signal');
    await expect.poll(() => learnedBySeller()).toBe(2);
    await rotate(() => control('activate', 'authority', '--now'), 'by signal');

    await seller.sell(SALES_BETWEEN);
    await seller.stop();
    expect(seller.results.filter(({ result }) => result !== 'issued')).toEqual([]);
    expect(seller.results.flatMap((sale) => (sale as SaleIssued).warnings)).toEqual([]);
    expect(servers.map((server) => events(server, 'keys refused, those in use stay'))).toEqual([[], []]);
  });

  it('a till that slept through all of it sells, learns, and renews from the new authority', async () => {
    const [pinned] = await certificatesOf(sleeper);
    const till = await open(sleeper);
    expect(await till.issue('after', draft('A-1'))).toMatchObject({ result: 'issued', warnings: [] });
    await till.close();
    const [kept, learned] = await certificatesOf(sleeper);
    expect(kept!.raw.equals(pinned!.raw)).toBe(true);
    // A certificate lives for a day here: in twenty hours it is time for another one.
    const later = await open(sleeper, 20);
    while (!later.feed(0).some(({ kind }) => kind === 'certificate'))
      await later.waitForFeed(later.feed(0).at(-1)?.cursor ?? 0, 1_000);
    await later.close();
    const renewed = new X509Certificate(await readFile(join(sleeper, 'certificate.pem')));
    expect([renewed.checkIssued(pinned!), renewed.checkIssued(learned!)]).toEqual([false, true]);
    const awake = await open(sleeper);
    expect(await awake.issue('renewed', draft('A-2'))).toMatchObject({ result: 'issued' });
    await awake.close();
    expect(verifyJournal(sleeper)).toMatchObject({ ok: true, issued: 2 });
  });

  it('an invitation of the old authority is still good, and so is one of the new', async () => {
    for (const [terminalId, invitation] of [
      ['late', oldInvitation],
      ['new', await invite('new')],
    ] as const) {
      const folder = await enrolled(terminalId, invitation);
      expect(await certificatesOf(folder)).toHaveLength(2);
      const till = await open(folder);
      expect(await till.issue('first', draft('L-1'))).toMatchObject({ result: 'issued', warnings: [] });
      await till.close();
    }
  });

  it('what was issued before is verified by the till, by everybody and by the audit', async () => {
    await seller.till.close();
    const folder = join(directory, 'seller');
    expect(verifyJournal(folder)).toMatchObject({ ok: true, issued: seller.results.length });
    const [one, other] = await Promise.all(
      servers.map(async (server) => {
        const { keys } = (
          await call<{ keys: PublicKey[] }>(server, '/.well-known/jwks.json', { listener: 'public' })
        ).json();
        const found = await call(server, `/v1/verifications/${first.code}`, { listener: 'public' });
        return { keys, isGenuine: readReceipt(first.receiptJws, keys).ok, found: found.json() };
      }),
    );
    expect(one).toEqual(other);
    expect(one).toMatchObject({ isGenuine: true, found: { onFile: true } });
    expect(one!.keys).toHaveLength(2);

    const journal = join(directory, 'seller.jsonl');
    await writeFile(journal, [...exportJournal(folder)].join('\n'));
    const { auditorUrl } = ground.database;
    const report = await runAudit({
      databaseUrl: auditorUrl,
      keysDirectory: ground.keysDirectory,
      tillExports: [journal],
    });
    expect(report.verdicts.flatMap(({ findings }) => findings)).toEqual([]);
    expect(report).toMatchObject({ held: true, tillInvoices: seller.results.length });
  });

  it('keys that do not fit are refused by both, which go on; they are told what to do', async () => {
    const { keysDirectory } = ground;
    const file = join(keysDirectory, 'signing-certificate.pem');
    const whole = await readFile(file, 'utf8');
    await writeFile(file, whole.slice(0, whole.length / 2));
    for (const { pid } of servers) process.kill(pid, 'SIGHUP');
    const reasons = () => servers.map((server) => events(server, 'keys refused, those in use stay').at(-1)?.reason);
    const told = expect.stringContaining('signing-certificate.pem is not a certificate in PEM. Restore it');
    await expect.poll(reasons).toEqual([told, told]);
    const till = await open(join(directory, 'late'));
    expect(await till.issue('second', draft('L-2'))).toMatchObject({ result: 'issued' });
    await till.close();
    await writeFile(file, whole);
    expect((await readdir(keysDirectory)).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});
