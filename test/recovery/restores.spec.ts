import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { draft } from '@tax-control/billing-interface/testing';
import { type Problem, systemClock } from '@tax-control/protocol';
import { choosePort } from '@tax-control/protocol/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { run } from '../../src/commands/run.js';
import type { RunningPostgres } from '../../tools/local/postgres.js';
import { enrol, makeApplicant } from '../enrolment/till.js';
import { type PostgresProxy, startPostgresProxy } from '../faults/postgres-proxy.js';
import { call } from '../support/client.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { makeGround, startTestServer, type TestGround, type TestServer } from '../support/server.js';
import { makeTerminal, type TestTerminal } from '../support/terminals.js';
import { type ArchivedCluster, startArchivedCluster } from './copies.js';
import { type Dump, dump, load } from './dump.js';
import { numberOf, openShop, type Shop } from './shop.js';
import { testPool } from '../support/pool.js';

const RESTORE_POINT = 'before_lunch';
const NOON = { recovery_target_name: RESTORE_POINT, recovery_target_action: 'promote' };
const LIMIT_MS = 240_000;

let site: ArchivedCluster;
let ground: TestGround;
let logDirectory: string;
let shop: Shop;
/** Between the running servers and their database. */
let line: PostgresProxy;
let stolen: TestTerminal;
let usedSecret: string;
let dumped: Dump;
let servers: TestServer[] = [];
let tillsPort: string;

async function start(place: TestGround, port = '0'): Promise<TestServer> {
  const server = await startTestServer({ ground: place, environment: { TERMINALS_PORT: port } });
  servers.push(server);
  return server;
}

async function stopServers(): Promise<void> {
  await Promise.all(servers.map((server) => server.stop()));
  servers = [];
}

function behindLine(): TestGround {
  return { ...ground, environment: { ...ground.environment, DATABASE_URL: line.url } };
}

/** A copy as servers see it: the same logins on another port. */
function placeOn({ superuserUrl }: RunningPostgres, change: Record<string, string> = {}): TestGround {
  const { port } = new URL(superuserUrl);
  const moved = (address: string): string => Object.assign(new URL(address), { port }).href;
  const { serverUrl, operatorUrl, superuserUrl: own } = ground.database;
  const urls = { serverUrl: moved(serverUrl), operatorUrl: moved(operatorUrl), superuserUrl: moved(own) };
  return placeIn({ ...ground.database, ...urls }, change);
}

function placeIn(database: TestDatabase, change: Record<string, string> = {}): TestGround {
  const superuser = testPool({ connectionString: database.superuserUrl, max: 2 });
  superuser.on('error', () => undefined);
  const environment = { ...ground.environment, ...change, DATABASE_URL: database.serverUrl };
  return { ...ground, database, superuser, environment, clear: () => superuser.end() };
}

async function control(place: TestGround, ...commandLine: string[]): Promise<Record<string, unknown>> {
  let [out, errors] = ['', ''];
  for (const [name, value] of Object.entries({ ...place.environment, DATABASE_URL: place.database.operatorUrl }))
    vi.stubEnv(name, value);
  const terminal = { out: (text: string) => (out += text), error: (text: string) => (errors += text) };
  const status = await run([...commandLine, '--json'], terminal, systemClock).finally(() => vi.unstubAllEnvs());
  if (status !== 0) throw new Error(errors);
  return JSON.parse(out) as Record<string, unknown>;
}

async function recoveriesOf({ superuser }: TestGround): Promise<{ why: string; next: number }[]> {
  const { rows } = await superuser.query<{ why: string; next: number }>(
    `SELECT why, next_number::float8 AS next FROM database_recovery ORDER BY recovery_id`,
  );
  return rows;
}

/** How many codes that the till holds are not in a copy. */
async function lostIn({ superuser }: TestGround): Promise<number> {
  const { rows } = await superuser.query<{ code: string }>('SELECT code FROM ledger');
  const filed = new Set(rows.map(({ code }) => code));
  return [...shop.given.keys()].filter((code) => !filed.has(code)).length;
}

function highestGiven(): number {
  return Math.max(...[...shop.given.keys()].map(numberOf));
}

/** What a copy knows of the terminal that was revoked, and of the invitation that was used, both after the backup. */
async function memoryOf({ superuser }: TestGround): Promise<unknown> {
  const { rows } = await superuser.query(
    `SELECT status, used_at IS NOT NULL AS used FROM terminal CROSS JOIN invitation
     WHERE terminal.terminal_id = 'stolen' AND invitation.terminal_id = 'till-2'`,
  );
  return rows[0];
}

beforeAll(async () => {
  site = await startArchivedCluster();
  logDirectory = await mkdtemp(join(tmpdir(), 'recovery-log-'));
  const plain = await makeGround('test', await createTestDatabase(site.cluster.address));
  line = await startPostgresProxy(plain.database.serverUrl);
  ground = { ...plain, environment: { ...plain.environment, RECOVERY_LOG_DIRECTORY: logDirectory } };
  tillsPort = String(await choosePort());
  const server = await start(behindLine(), tillsPort);
  shop = await openShop(ground, server);
  stolen = await makeTerminal(ground, { terminalId: 'stolen' });
  usedSecret = await shop.invite('till-2');
  await shop.sell('before the backup 1', 'before the backup 2');

  dumped = await dump(ground.superuser, site.folder);
  await site.baseBackUp('standby');
  site.duplicate('standby', 'point-in-time');

  await shop.sell('in the archive');
  await ground.superuser.query(`SELECT pg_create_restore_point('${RESTORE_POINT}'), pg_switch_wal()`);
  await control(ground, 'terminal', 'revoke', 'stolen', '--reason', 'stolen at lunch');
  const used = await enrol(server, 'till-2', usedSecret, await (await makeApplicant()).request());
  if (used.status !== 200) throw new Error(`not enrolled: ${used.text}`);
  await shop.sell('lost 1', 'lost 2');
});

afterEach(() => stopServers());

afterAll(async () => {
  await stopServers();
  await shop.close();
  await line.close();
  await ground.superuser.end();
  await site.delete();
  await rm(logDirectory, { recursive: true, force: true });
  await rm(ground.keysDirectory, { recursive: true, force: true });
});

describe('a failover to a standby that lacks the last sales', () => {
  it('is noticed by two running servers, which wait, and the numbers jump once', { timeout: LIMIT_MS }, async () => {
    await start(behindLine());
    const standby = await site.startCopy('standby', 'standby');
    await site.cluster.kill();
    const place = placeOn(standby);
    await place.superuser.query('SELECT pg_promote()');
    expect(await lostIn(place)).toBe(2);
    const highest = highestGiven();
    line.leadTo(place.database.serverUrl);

    // The first new session shows another database, and whoever asks is told to come again.
    expect(await shop.till.issue('during', draft('during'))).toMatchObject({ result: 'stored_offline' });
    const ready = async (): Promise<number[]> =>
      Promise.all(servers.map(async (one) => (await call(one, '/health/ready', { listener: 'operator' })).status));
    await expect.poll(ready).toEqual([200, 200]);
    await shop.till.drain();
    const number = numberOf(shop.print('during'));
    await shop.sell('after');
    // The till brings back what the standby lacks.
    expect(await lostIn(place)).toBe(0);
    const [recovery, ...more] = await recoveriesOf(place);
    expect(more).toEqual([]);
    expect(recovery).toMatchObject({ why: 'other_timeline' });
    expect(number).toBeGreaterThan(highest);
    expect(recovery!.next).toBeGreaterThan(highest);
    expect(number).toBeGreaterThanOrEqual(recovery!.next);
    await place.clear();
  });
});

describe('a restore to a point in time', () => {
  let place: TestGround;

  beforeAll(async () => {
    place = placeOn(await site.startCopy('point-in-time', 'recovery', NOON));
  });
  afterAll(() => place.clear());

  it(
    'gives no number twice, and keeps out who was revoked or used an invitation since',
    { timeout: LIMIT_MS },
    async () => {
      expect(await lostIn(place)).toBe(4);
      // What the copy would go by without the recovery log:
      expect(await memoryOf(place)).toEqual({ status: 'active', used: false });
      const highest = highestGiven();
      const server = await start(place, tillsPort);
      expect(await memoryOf(place)).toEqual({ status: 'revoked', used: true });
      const revoked = await call<Problem>(server, '/v1/parameters', { terminal: stolen });
      const again = await enrol(server, 'till-2', usedSecret, await (await makeApplicant()).request());
      expect([revoked.json().code, again.json()['code']]).toEqual(['terminal_revoked', 'enrolment_secret_used']);
      const [code] = await shop.sell('restored 1', 'restored 2');
      expect(await lostIn(place)).toBe(0);
      expect(await recoveriesOf(place)).toMatchObject([{ why: 'other_timeline' }]);
      // The log told how far the numbers had come, though this copy never saw the failover.
      expect(numberOf(code!)).toBeGreaterThan(highest);
    },
  );

  it('jumps once: the next start finds the database that it left', async () => {
    await start(place, tillsPort);
    await shop.sell('restarted');
    expect(await recoveriesOf(place)).toHaveLength(1);
    expect(await control(place, 'database', 'status')).toMatchObject({
      state: 'same',
      recoveryLog: { unreadable: [] },
      // Till 2 is enrolled, and sold nothing yet.
      restoration: { restored: 4, terminals: 2, confirmed: 1, outstanding: ['till-2'], revoked: 1, disputes: 0 },
    });
  });
});

describe('a dump that was loaded into another cluster', () => {
  it(
    'jumps far enough without a recovery log too, and the sums of reports are made anew',
    { timeout: LIMIT_MS },
    async () => {
      const place = placeIn(await createTestDatabase(), { RECOVERY_LOG_DIRECTORY: '' });
      await load(place.superuser, dumped);
      expect(await lostIn(place)).toBe(shop.given.size - 2);
      const server = await start(place, tillsPort);
      await shop.sell('from a dump 1', 'from a dump 2');
      expect(await lostIn(place)).toBe(0);
      expect(await recoveriesOf(place)).toMatchObject([{ why: 'other_cluster' }]);
      const rebuilt = (): boolean =>
        server.logLines.some(({ msg }) => String(msg).includes('made anew after a restore'));
      await expect.poll(rebuilt).toBe(true);
      await stopServers();
      await place.clear();
      await place.database.drop();
    },
  );
});

describe('a data folder that was put back, the same database in every way', () => {
  const wasPutBack = async (copy: string, change: Record<string, string> = {}): Promise<TestGround> => {
    const place = placeOn(await site.startCopy(copy, 'itself'), change);
    expect(await recoveriesOf(place)).toHaveLength(1);
    return place;
  };

  it('is noticed by what the recovery log knows', { timeout: LIMIT_MS }, async () => {
    await site.stopCopy('point-in-time');
    for (const copy of ['put back', 'put back without log', 'put back once more', 'put back and told'])
      site.duplicate('point-in-time', copy);
    const original = placeOn(await site.startCopy('point-in-time', 'itself'));
    await start(original, tillsPort);
    await shop.sell('lost by the folder 1', 'lost by the folder 2');
    await stopServers();
    await original.clear();
    await site.stopCopy('point-in-time');

    const noticed = await wasPutBack('put back');
    expect(await control(noticed, 'database', 'status')).toMatchObject({ state: 'older' });
    await start(noticed, tillsPort);
    await shop.sell('noticed');
    expect(await lostIn(noticed)).toBe(0);
    expect((await recoveriesOf(noticed)).at(-1)).toMatchObject({ why: 'older_copy' });
    await stopServers();
    await noticed.clear();
    await site.stopCopy('put back');
  });

  it(
    'gives no number twice without one, however often it is put back or started anew',
    { timeout: LIMIT_MS },
    async () => {
      const noLog = { RECOVERY_LOG_DIRECTORY: '' };
      const lived = await wasPutBack('put back without log', noLog);
      expect(await control(lived, 'database', 'status')).toMatchObject({ state: 'restarted' });
      await start(lived, tillsPort);
      await shop.sell('without log');
      expect(await lostIn(lived)).toBe(0);
      await stopServers();
      await lived.clear();
      // What was put back lives on through two starts of PostgreSQL, and is lost with all it gave.
      for (const day of ['second', 'third']) {
        await site.stopCopy('put back without log');
        const again = placeOn(await site.startCopy('put back without log', 'itself'), noLog);
        await start(again, tillsPort);
        await shop.sell(`without log on the ${day} day`);
        expect((await recoveriesOf(again)).at(-1)).toMatchObject({ why: 'restarted' });
        await stopServers();
        await again.clear();
      }
      await site.stopCopy('put back without log');
      const highest = highestGiven();
      const oncemore = await wasPutBack('put back once more', noLog);
      await start(oncemore, tillsPort);
      await shop.sell('once more');
      expect(await lostIn(oncemore)).toBe(0);
      // Copies of other ages lived in between: what the till brought back of them is behind all that comes.
      const [code] = await shop.sell('once more, behind all of them');
      expect(numberOf(code!)).toBeGreaterThan(highest);
      expect((await recoveriesOf(oncemore))[1]).toMatchObject({ why: 'restarted' });
      await stopServers();
      await oncemore.clear();
      await site.stopCopy('put back once more');
    },
  );

  it('goes on above a number that an operator knows', { timeout: LIMIT_MS }, async () => {
    const told = await wasPutBack('put back and told', { RECOVERY_LOG_DIRECTORY: '' });
    const newest = [...shop.given.keys()].at(-1)!;
    const outcome = await control(told, 'database', 'recovered', '--reason', 'folder put back', '--above', newest);
    expect(outcome).toMatchObject({ recovery: { why: 'older_copy', highestNumber: numberOf(newest) }, replayed: null });
    await start(told, tillsPort);
    await shop.sell('told');
    await expect(control(told, 'database', 'recovered', '--reason', 'once more')).rejects.toThrow(/Stop all servers/);
    const { rows } = await told.superuser.query(`SELECT reason FROM audit_trail WHERE action = 'database.recovered'`);
    expect(rows).toEqual([{ reason: 'folder put back' }]);
    await told.clear();
  });
});

describe('the recovery log', () => {
  it('is read by its owner alone and holds no secret', async () => {
    const files = await readdir(logDirectory);
    const texts = await Promise.all(files.map((file) => readFile(join(logDirectory, file), 'utf8')));
    expect(texts.join('')).toContain('"kind":"invitation_used"');
    expect(texts.join('')).not.toContain(usedSecret);
  });
});
