import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import * as yauzl from 'yauzl';
import type { EvidenceManifest } from '@tax-control/protocol/console';
import { tampered } from '@tax-control/protocol/testing';
import { evidenceFiles } from '../../src/console-api/evidence/evidence-files.js';
import type { EvidenceOrder } from '../../src/console-api/evidence/evidence-order.js';
import { EvidenceThreads } from '../../src/console-api/evidence/evidence-threads.js';
import { activateAuthority, stageAuthority } from '../../src/keys/rotate-authority.js';
import { activateSigningKey, stageSigningKey } from '../../src/keys/rotate-signing-key.js';
import type { Till } from '../issuance/office.js';
import { signIn, type TestBrowser } from '../support/officials.js';
import { testPool } from '../support/pool.js';
import { aroundNow, type ConsoleGround, openConsoleGround, trailOf } from './ground.js';

const run = promisify(execFile);
/** Few: each takes a dozen runs of openssl to follow the README. */
const SOLD = 3;
/** More than are in memory at once. */
const CROWD = 55;
/** So many read at once do not fit into the heap of a thread. */
const GAPS = 130_000;

let ground: ConsoleGround;
let till: Till;
let browser: TestBrowser;
let zip: Buffer;
let folder: string;

beforeAll(async () => {
  ground = await openConsoleGround();
  till = await ground.till({ taxpayerId: 'chain-e' });
  for (let count = 0; count < SOLD; count += 1) await ground.sell(till, { number: `E-${count}` });
  // One counter is refused, one was never told.
  const [header, payload] = till.sign().jws.split('.');
  await ground.send(till, `${header}.${payload}.${'A'.repeat(86)}`);
  till.sign();
  await rotateKeys();
  await ground.sell(till);
  // Not of this shop.
  await ground.sell(await ground.till({ taxpayerId: 'another' }));
  browser = await signIn(ground.server);
  zip = await takeEvidence();
});
afterAll(() => ground.close());

afterEach(() => rm(folder, { recursive: true, force: true }));

/** Evidence is about years, in which keys are exchanged: what was signed by the ones before must verify by the same README. */
async function rotateKeys(): Promise<void> {
  const { keysDirectory, running } = ground.server;
  const now = new Date();
  await stageSigningKey(keysDirectory, now);
  await activateSigningKey(keysDirectory);
  await stageAuthority(keysDirectory, now);
  await activateAuthority(keysDirectory, now);
  running.reloadKeys();
}

/** The body of an answer, byte for byte. */
function takeEvidence(premisesId = till.terminal.premisesId): Promise<Buffer> {
  const body = JSON.stringify({ premisesId, ...aroundNow(), zone: 'Europe/Berlin', reason: 'audit of the shop' });
  return new Promise((resolve, reject) => {
    const agent = new Agent({ rejectUnauthorized: false });
    const { port } = ground.server.addresses.public;
    const headers = { ...browser.headers, 'content-type': 'application/json' };
    request({ agent, host: '127.0.0.1', port, path: '/v1/console/evidence', method: 'POST', headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        agent.destroy();
        resolve(Buffer.concat(chunks));
      });
    })
      .on('error', reject)
      .end(body);
  });
}

async function unpack(packed: Buffer = zip): Promise<string[]> {
  folder = await mkdtemp(join(tmpdir(), 'tax-control-evidence-'));
  const opened = await yauzl.fromBufferPromise(packed);
  const paths: string[] = [];
  for await (const entry of opened.eachEntry()) {
    const target = join(folder, entry.fileName);
    paths.push(entry.fileName);
    await mkdir(dirname(target), { recursive: true });
    const chunks: Buffer[] = [];
    for await (const chunk of await opened.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
    await writeFile(target, Buffer.concat(chunks));
  }
  return paths;
}

/** Follows the README: runs each of its blocks as it stands, in the folder, and gives what they print. */
async function follow(): Promise<string> {
  const readme = await readFile(join(folder, 'README.md'), 'utf8');
  const blocks = [...readme.matchAll(/```sh\n(.*?)```/gs)].map(([, block = '']) => block);
  expect(blocks.length).toBe(7);
  const printed: string[] = [];
  for (const block of blocks) {
    const { stdout, stderr } = await run('sh', ['-u', '-c', block], { cwd: folder });
    printed.push(stdout, stderr);
  }
  return printed.join('');
}

async function change(path: string, edit: (text: string) => string): Promise<void> {
  const file = join(folder, path);
  await writeFile(file, edit(await readFile(file, 'latin1')), 'latin1');
}

/** The paths of the n-th invoice, without their ending. */
function invoiceOf(paths: readonly string[], index: number): string {
  const inputs = paths.filter((path) => path.endsWith('.invoice.input')).toSorted();
  return inputs[index]!.replace('.invoice.input', '');
}

describe('evidence', () => {
  it('has all of the shop and nothing of another', async () => {
    const paths = await unpack();
    const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as EvidenceManifest;
    expect(manifest).toMatchObject({
      manifestVersion: 1,
      environment: 'test',
      taxpayerId: 'chain-e',
      premisesId: till.terminal.premisesId,
      reason: 'audit of the shop',
      madeBy: browser.name,
      counts: { invoices: SOLD + 1, withoutContent: 0, refused: 1, certificates: 1 },
    });
    const listed = manifest.files.map(({ path }) => path);
    expect([...listed, 'manifest.json', 'manifest.sig'].toSorted()).toEqual(paths.toSorted());
    for (const ending of [
      '.invoice.json',
      '.invoice.input',
      '.invoice.sig',
      '.receipt.json',
      '.receipt.input',
      '.receipt.sig',
    ])
      expect(paths.filter((path) => path.endsWith(ending))).toHaveLength(SOLD + 1);
    expect(paths.join()).not.toContain('another');
  });

  it('has all of a shop with more invoices than are in memory at once', async () => {
    const busy = await ground.till({ taxpayerId: 'busy' });
    for (let count = 0; count < CROWD; count += 1) await ground.sell(busy);
    const paths = await unpack(await takeEvidence(busy.terminal.premisesId));
    const counters = paths
      .filter((path) => path.endsWith('.receipt.sig'))
      .map((path) => Number(basename(path).slice(0, 16)));
    expect(counters).toEqual(Array.from({ length: CROWD }, (_, index) => index + 1));
  });

  it('lists all gaps of a till that leaves out every second counter, each once and in order', async () => {
    const careless = await ground.till({ taxpayerId: 'careless' });
    await ground.ground.superuser.query(
      `INSERT INTO journal_summary
         (terminal_id, journal_id, counters, first_sold_at, last_sold_at, first_registered_at, last_registered_at)
       SELECT $1, $2, range_agg(int8range(2 * number, 2 * number + 1)), now(), now(), now(), now()
       FROM generate_series(1::bigint, $3) AS number`,
      [careless.terminalId, careless.journalId, GAPS],
    );
    await unpack(await takeEvidence(careless.terminal.premisesId));
    const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as EvidenceManifest;
    expect(manifest.counts.gaps).toBe(GAPS);
    const [, ...rows] = (await readFile(join(folder, 'gaps.csv'), 'utf8')).trimEnd().split('\r\n');
    const expected = Array.from({ length: GAPS }, (_, index) => 2 * index + 1).map(
      (counter) => `${careless.terminalId},${careless.journalId},${counter},${counter},1,`,
    );
    expect(rows.join('\n')).toBe(expected.join('\n'));
  });

  it('gives digests and manifest to the compressor many lines at once', async () => {
    let order: EvidenceOrder | undefined;
    const spy = vi.spyOn(EvidenceThreads.prototype, 'write').mockImplementation((one) => {
      order = one;
      return (async function* () {})();
    });
    await takeEvidence();
    spy.mockRestore();
    if (order === undefined) throw new Error('no evidence was asked for');
    const pool = testPool({ connectionString: ground.ground.database.serverUrl, max: 1 });
    const pieces = new Map<string, number>();
    for await (const { path, content } of evidenceFiles(pool, order)) {
      if (typeof content === 'string' || content instanceof Uint8Array) continue;
      for await (const piece of content) pieces.set(path, (pieces.get(path) ?? 0) + Math.sign(piece.length));
    }
    await pool.end();
    expect([pieces.get('SHA256SUMS'), pieces.get('manifest.json')]).toEqual([1, 1]);
  });

  it('verifies with openssl alone, as its README says', async () => {
    await unpack();
    const printed = await follow();
    expect(printed).not.toContain('FAULT');
    expect(printed).toContain('server/signing.pem: OK');
    expect(printed).toContain('Verified OK');
    expect(printed.match(/^OK$/gm)).toHaveLength(6);
    const { counter, journalId } = { counter: SOLD + 1, journalId: till.journalId };
    expect(printed).toContain(`missing in invoices/${till.terminalId}/${journalId}/: ${counter} to ${counter + 1}`);
  });

  it('shows everything that somebody changed', async () => {
    const paths = await unpack();
    const [first, second, third] = [0, 1, 2].map((index) => invoiceOf(paths, index));
    await change(`${first}.invoice.json`, (text) => text.replace('normal', 'copied'));
    await change(`${second}.invoice.input`, (text) => tampered(text, -1));
    await change(`${third}.receipt.json`, (text) => text.replace('"invoiceDigest":"', '"invoiceDigest":"x'));
    await change('manifest.json', (text) => text.replace('audit of', 'glance at'));
    await change('SHA256SUMS', (text) => text.split('\n').slice(1).join('\n'));
    await change('gaps.csv', (text) => text.replace('terminalId', 'terminal'));
    const printed = await follow();
    for (const fault of [
      `${first}.invoice.json`,
      `${first}.receipt.json`,
      `${second}.invoice.input`,
      `${second}.invoice.json`,
      `${third}.receipt.json`,
      `the chain breaks at ${second}.invoice.json`,
      'manifest.json',
      'SHA256SUMS',
      'gaps.csv',
    ])
      expect(printed).toContain(`FAULT ${fault}`);
  });

  it('shows a forged chain of trust even where the digests were made to fit', async () => {
    await unpack();
    await run(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-keyout',
        'forger.key',
        '-out',
        'server/signing.pem',
        '-subj',
        '/CN=forger',
      ],
      { cwd: folder },
    );
    const { stdout } = await run('openssl', ['x509', '-in', 'server/signing.pem', '-noout', '-pubkey'], {
      cwd: folder,
    });
    await writeFile(join(folder, 'server/signing.pub'), stdout);
    await run('openssl', ['dgst', '-sha256', '-sign', 'forger.key', '-out', 'manifest.sig', 'manifest.json'], {
      cwd: folder,
    });
    expect(await follow()).toContain('FAULT the signing certificate');
  });

  it('is in the audit trail with its reason', async () => {
    expect(await trailOf(ground.ground, browser.name)).toContainEqual([
      'evidence.made',
      till.terminal.premisesId,
      'audit of the shop',
    ]);
  });

  it.each([
    ['a shop outside of the view', {}, 404, 'not_on_file'],
    ['no such shop', { premisesId: 'nowhere' }, 404, 'not_on_file'],
    ['no reason', { reason: '' }, 400, 'invalid_request'],
    ['an unknown zone', { zone: 'Europe/Atlantis' }, 400, 'zone_unknown'],
    ['a path for a shop', { premisesId: '../../etc' }, 400, 'invalid_request'],
  ])('is not made of %s', async (_name, body, status, code) => {
    const limited = await signIn(ground.server, { view: { kind: 'regions', regions: ['Elsewhere'] } });
    const asked = { premisesId: till.terminal.premisesId, ...aroundNow(), zone: 'UTC', reason: 'audit', ...body };
    const answer = await limited.post('/v1/console/evidence', asked);
    expect([answer.status, answer.json()['code']]).toEqual([status, code]);
  });

  it('of an empty period says that there is nothing', async () => {
    await unpack(await takeEvidence((await ground.till({ taxpayerId: 'empty' })).terminal.premisesId));
    const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as EvidenceManifest;
    expect(manifest.counts).toMatchObject({ invoices: 0, refused: 0, certificates: 1 });
  });
});
