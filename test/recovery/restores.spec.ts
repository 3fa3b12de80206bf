import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type BillingInterface, enrol, openTill, type SaleIssued } from '@tax-control/billing-interface';
import { draft, STILL } from '@tax-control/billing-interface/testing';
import { certificateThumbprint, encodeInvitation, type Problem } from '@tax-control/protocol';
import { Pool } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { X509Certificate } from 'node:crypto';
import { createInvitation } from '../../src/enrolment/invitations.js';
import { inTransaction } from '../../src/database/transaction.js';
import type { RunningPostgres } from '../../tools/local/postgres.js';
import { type AnswerProxy, startAnswerProxy } from '../agent/answer-proxy.js';
import { enrol as enrolOnce, makeApplicant } from '../enrolment/till.js';
import { type PostgresProxy, startPostgresProxy } from '../faults/postgres-proxy.js';
import { publishParameters } from '../issuance/office.js';
import { call } from '../support/client.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { makeGround, startTestServer, type TestGround, type TestServer } from '../support/server.js';
import { makeTerminal, type TestTerminal } from '../support/terminals.js';
import { type ArchivedCluster, startArchivedCluster } from './copies.js';
import { dump, type Dump, load } from './dump.js';

const TAX_CONTROL = fileURLToPath(new URL('../../dist/src/commands/main.js', import.meta.url));
const FIXED_MARGIN = 100_000_000;
const PREMISES = { taxpayerId: 'corner-shop', premisesId: 'main-street' };
const RESTORE_POINT = 'before_lunch';
/** Servers notice with the next session; a loaded machine takes longer. */
const NOTICED = { timeout: 20_000 };

let site: ArchivedCluster;
let ground: TestGround;
let logDirectory: string;
let tillDirectory: string;
let line: AnswerProxy;
let databaseLine: PostgresProxy;
let servers: TestServer[] = [];
let till: BillingInterface;
let stolen: TestTerminal;
let usedSecret: string;
let dumped: Dump;
/** Codes that were ever printed on paper, those lost with a database included. */
const given = new Map<string, string>();

/** What a server needs to know of a copy: the same logins on another port. */
function placeOn({ superuserUrl }: RunningPostgres, logged = true): TestGround {
  const { port } = new URL(superuserUrl);
  const moved = (address: string): string => Object.assign(new URL(address), { port }).href;
  const { database, environment } = ground;
  return groundOf(
    {
      ...database,
      serverUrl: moved(database.serverUrl),
      operatorUrl: moved(database.operatorUrl),
      superuserUrl: moved(database.superuserUrl),
    },
    logged ? environment : withoutLog(environment),
  );
}

function groundOf(database: TestDatabase, environment: TestGround['environment']): TestGround {
  const superuser = new Pool({ connectionString: database.superuserUrl, max: 2 });
  superuser.on('error', () => undefined);
  return {
    ...ground,
    database,
    superuser,
    environment: { ...environment, DATABASE_URL: database.serverUrl },
    clear: () => superuser.end(),
  };
}

function withoutLog({ RECOVERY_LOG_DIRECTORY: _, ...rest }: TestGround['environment']): TestGround['environment'] {
  return rest;
}

async function start(place: TestGround, port = '0'): Promise<TestServer> {
  const server = await startTestServer({ ground: place, environment: { TERMINALS_PORT: port } });
  servers.push(server);
  return server;
}

async function stopServers(): Promise<void> {
  await Promise.all(servers.map((server) => server.stop()));
  servers = [];
}

/** Starts a server on a copy where the tills look for it. */
async function takeOver(place: TestGround): Promise<TestServer> {
  return start(place, tillsPort);
}
let tillsPort: string;

/** What is printed is given; a code that was given before fails the test. */
function print(saleId: string): string {
  const sale = till.lookUp(saleId) as SaleIssued;
  expect(sale.result).toBe('issued');
  expect(given.get(sale.code)).toBeUndefined();
  given.set(sale.code, saleId);
  return sale.code;
}

async function sell(...saleIds: string[]): Promise<string[]> {
  for (const saleId of saleIds) await till.issue(saleId, draft(saleId));
  await till.drain();
  return saleIds.map(print);
}

function numberOf(code: string): number {
  return Number(code.slice(0, 12));
}

function highestGiven(): number {
  return Math.max(...[...given.keys()].map(numberOf));
}

async function recoveriesOf({ superuser }: TestGround): Promise<Record<string, unknown>[]> {
  const { rows } = await superuser.query<Record<string, unknown>>(
    `SELECT why, highest_number::float8 AS highest, next_number::float8 AS next, statistics_due FROM database_recovery ORDER BY recovery_id`,
  );
  return rows;
}

async function filedIn({ superuser }: TestGround): Promise<Set<string>> {
  const { rows } = await superuser.query<{ code: string }>('SELECT code FROM ledger');
  return new Set(rows.map(({ code }) => code));
}

function lostIn(filed: ReadonlySet<string>): string[] {
  return [...given.keys()].filter((code) => !filed.has(code));
}

async function control(place: TestGround, ...commandLine: string[]): Promise<Record<string, unknown>> {
  const { DATABASE_URL: _, ...environment } = place.environment;
  const { stdout } = await promisify(execFile)(process.execPath, [TAX_CONTROL, ...commandLine, '--json'], {
    env: { ...environment, DATABASE_URL: place.database.operatorUrl },
  });
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** Asks as the terminal that was revoked, and with the invitation that was used, both after the backup. */
async function troublemakers(server: TestServer): Promise<string[]> {
  const echo = await call<Problem>(server, '/v1/parameters', { terminal: stolen });
  const applicant = await makeApplicant();
  const again = await enrolOnce(server, 'till-2', usedSecret, await applicant.request());
  return [echo.json().code, (again.json() as unknown as Problem).code];
}

async function forgotten({ superuser }: TestGround): Promise<unknown[]> {
  const { rows } = await superuser.query(
    `SELECT status, used_at FROM terminal CROSS JOIN invitation
     WHERE terminal.terminal_id = $1 AND invitation.terminal_id = 'till-2'`,
    [stolen.terminalId],
  );
  return rows;
}

beforeAll(async () => {
  site = await startArchivedCluster();
  logDirectory = mkdtempSync(join(tmpdir(), 'recovery-log-'));
  tillDirectory = mkdtempSync(join(tmpdir(), 'till-'));
  const plain = await makeGround('test', await createTestDatabase(site.cluster.address));
  databaseLine = await startPostgresProxy(plain.database.serverUrl);
  ground = { ...plain, environment: { ...plain.environment, RECOVERY_LOG_DIRECTORY: logDirectory } };
  const server = await start({ ...ground, environment: { ...ground.environment, DATABASE_URL: databaseLine.url } });
  tillsPort = String(server.addresses.terminals.port);
  line = await startAnswerProxy(server.addresses.terminals.port);
  const addresses = [`https://127.0.0.1:${line.port}`];
  await publishParameters(ground, { addresses });
  stolen = await makeTerminal(ground, { terminalId: 'stolen', ...PREMISES });
  const operator = new Pool({ connectionString: ground.database.operatorUrl, max: 1 });
  const invite = async (terminalId: string): Promise<string> => {
    await makeTerminal(ground, { terminalId, ...PREMISES });
    return (await inTransaction(operator, (client) => createInvitation(client, terminalId, 7))).secret;
  };
  const secret = await invite('till-1');
  usedSecret = await invite('till-2');
  await operator.end();
  const caDigest = certificateThumbprint(new X509Certificate(ground.ca));
  const invitation = encodeInvitation({ addresses, caDigest, terminalId: 'till-1', secret });
  expect(await enrol({ invitation, directory: tillDirectory })).toMatchObject({ result: 'enrolled' });
  till = await openTill({ directory: tillDirectory, software: { name: 'Till', version: '1' }, pace: STILL });
  await sell('before 1', 'before 2');

  dumped = await dump(ground.superuser, site.folder);
  await site.baseBackUp('standby');
  site.duplicate('standby', 'point-in-time');

  await sell('after 1');
  await ground.superuser.query(`SELECT pg_create_restore_point('${RESTORE_POINT}'), pg_switch_wal()`);
  await control(ground, 'terminal', 'revoke', stolen.terminalId, '--reason', 'stolen at lunch');
  const applicant = await makeApplicant();
  expect((await enrolOnce(server, 'till-2', usedSecret, await applicant.request())).status).toBe(200);
  await sell('after 2', 'after 3');
});

afterEach(() => stopServers());

afterAll(async () => {
  await till.close();
  await stopServers();
  await line.close();
  await databaseLine.close();
  await ground.superuser.end();
  await site.delete();
  for (const directory of [logDirectory, tillDirectory, ground.keysDirectory])
    rmSync(directory, { recursive: true, force: true });
});

it('a failover to a standby that lacks the last sales: two running servers notice, and the numbers jump once', async () => {
  servers.push(await start({ ...ground, environment: { ...ground.environment, DATABASE_URL: databaseLine.url } }));
  const standby = await site.startCopy('standby', 'standby');
  await site.cluster.kill();
  const place = placeOn(standby);
  await place.superuser.query('SELECT pg_promote()');
  expect(lostIn(await filedIn(place)).length).toBeGreaterThanOrEqual(2);
  databaseLine.leadTo(place.database.serverUrl);

  expect(await till.issue('failover', draft('failover'))).toMatchObject({ result: 'stored_offline' });
  const [first, second] = servers;
  const ready = async (server: TestServer): Promise<number> =>
    (await call(server, '/health/ready', { listener: 'operator' })).status;
  await expect.poll(() => ready(first!), NOTICED).toBe(200);
  await expect.poll(() => ready(second!), NOTICED).toBe(200);
  await till.drain();
  const before = highestGiven();
  expect(numberOf(print('failover'))).toBeGreaterThan(before);
  await sell('failed over');
  const recoveries = await recoveriesOf(place);
  expect(recoveries).toMatchObject([{ why: 'other_timeline', statistics_due: false }]);
  expect(recoveries[0]!['next']).toBeGreaterThan(before + FIXED_MARGIN - given.size);
  await place.clear();
});

it('a restore to a point in time: no number is given twice, a revoked till stays revoked, a used invitation used', async () => {
  const restored = await site.startCopy('point-in-time', 'recovery', {
    recovery_target_name: RESTORE_POINT,
    recovery_target_action: 'promote',
  });
  const place = placeOn(restored);
  expect(lostIn(await filedIn(place)).length).toBeGreaterThanOrEqual(4);
  // What the copy would do by itself:
  expect(await forgotten(place)).toEqual([{ status: 'active', used_at: null }]);
  const server = await takeOver(place);
  expect(await troublemakers(server)).toEqual(['terminal_revoked', 'enrolment_secret_used']);
  const before = highestGiven();
  const [code] = await sell('restored 1', 'restored 2');
  // The log told how far the numbers had come, though the copy never saw the failover.
  expect(numberOf(code!)).toBeGreaterThan(before + FIXED_MARGIN);
  expect(await recoveriesOf(place)).toMatchObject([{ why: 'other_timeline', statistics_due: false }]);
  expect((await call(server, '/v1/parameters', { terminal: stolen })).status).toBe(403);
  await place.clear();
});

describe('a dump that was loaded into another cluster', () => {
  it('jumps without a recovery log too, and the sums of reports are made anew', async () => {
    const place = groundOf(await createTestDatabase(), withoutLog(ground.environment));
    await load(place.superuser, dumped);
    const lost = lostIn(await filedIn(place));
    expect(lost.length).toBeGreaterThanOrEqual(6);
    const server = await takeOver(place);
    await sell('from a dump 1', 'from a dump 2');
    expect(await recoveriesOf(place)).toMatchObject([{ why: 'other_cluster', statistics_due: true }]);
    const rebuilt = (): boolean =>
      server.logLines.some((entry) => String(entry['msg']).startsWith('the sums of reports were made anew'));
    await expect.poll(rebuilt, NOTICED).toBe(true);
    await stopServers();
    await place.clear();
    await place.database.drop();
  });
});

describe('a data folder that was put back in place, the same in every way', () => {
  it('is noticed where there is a recovery log, and told by the operator where there is none', async () => {
    site.duplicate('point-in-time', 'kept');
  });
});

it('the recovery log holds no secret', () => {
  expect(readdirSync(logDirectory).length).toBeGreaterThan(0);
});
