import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { scrape } from './observability/scrape.js';
import { TerminalDirectory } from '../src/registry/terminal-directory.js';
import { giveTo, postgresUser } from '../tools/local/postgres/system-user.js';
import { publishParameters, Till } from './issuance/office.js';
import { call } from './support/client.js';
import { createTestDatabase, queryOnce } from './support/database.js';
import { examine, faultsOf } from './support/doctor.js';
import { makeGround, startTestServer, type TestGround, type TestServer } from './support/server.js';
import { mountSmallDisk } from './support/small-disk.js';
import { startTemporaryCluster, type TemporaryCluster } from './support/temporary-cluster.js';
import { makeTerminal, type TestTerminal } from './support/terminals.js';

let cluster: TemporaryCluster;
let ground: TestGround;
let server: TestServer;
let till: TestTerminal;
beforeAll(async () => {
  cluster = await startTemporaryCluster();
  ground = await makeGround('test', await createTestDatabase(cluster.address));
  await publishParameters(ground);
  server = await startTestServer({ ground });
  till = await makeTerminal(server);
});
afterAll(async () => {
  await server.stop();
  await ground.clear();
  await cluster.delete();
});

const echo = () => call(server, '/v1/echo', { terminal: till, body: { nonce: randomUUID() } });
const readiness = () => call(server, '/health/ready', { listener: 'operator' });

it('an outage of the database is told as such, in time, and ends with it', async () => {
  expect([(await echo()).status, (await readiness()).status]).toEqual([200, 200]);
  await cluster.kill();

  await expect.poll(async () => (await echo()).status).toBe(503);
  const refused = await echo();
  expect(refused.json()).toMatchObject({ code: 'database_unavailable', retry: 'later', retryAfterMs: 3_000 });
  expect(refused.headers['retry-after']).toBe('3');
  const notReady = await readiness();
  expect([notReady.status, notReady.json()]).toEqual([
    503,
    {
      status: 'not_ready',
      checks: [
        { name: 'listeners', fault: null },
        { name: 'database', fault: 'The database cannot be reached.' },
        { name: 'keys', fault: null },
        { name: 'issuing', fault: null },
      ],
    },
  ]);
  expect((await call(server, '/health/pages', { listener: 'operator' })).status).toBe(503);
  const told = await scrape(server);
  expect(told.value('tax_control_ready{check="database"}')).toBe(0);
  expect(told.value('tax_control_ready{check="keys"}')).toBe(1);
  expect(told.value('tax_control_figure_known{figure="roll_up"}')).toBe(0);
  expect(told.find('tax_control_roll_up_lag_seconds')).toBeUndefined();
  expect((await call(server, '/health/live', { listener: 'operator' })).status).toBe(200);

  await cluster.start();
  await expect.poll(async () => (await echo()).status).toBe(200);
  expect((await readiness()).status).toBe(200);
  const again = await scrape(server);
  expect(again.value('tax_control_ready{check="database"}')).toBe(1);
  expect(again.value('tax_control_roll_up_lag_seconds')).toBe(0);
});

it('a full disk of the database defers the invoice, is named in log and doctor, and ends when there is room', async (context) => {
  const disk = mountSmallDisk();
  if ('reason' in disk) {
    context.skip(disk.reason);
    return;
  }
  const issue = new Till(till, new TerminalDirectory(ground.superuser)).sign();
  const send = () => call(server, '/v1/invoices', { terminal: till, body: { invoice: issue.jws } });
  const folder = join(disk.directory, 'tablespace');
  mkdirSync(folder, { mode: 0o700 });
  giveTo(postgresUser(), folder);
  await ground.superuser.query(`CREATE TABLESPACE small LOCATION '${folder}'`);
  try {
    await ground.superuser.query('ALTER TABLE ledger SET TABLESPACE small');
    disk.fill();

    const answer = await send();
    expect([answer.status, answer.json()]).toMatchObject([503, { code: 'database_unavailable', retry: 'later' }]);
    // One line a second tells of an outage, and the one before may just have been told.
    await expect
      .poll(async () => (await send(), server.logLines), { interval: 200 })
      .toContainEqual(
        expect.objectContaining({
          cause: expect.objectContaining({
            code: '53100',
            advice: expect.stringContaining('Make room') as string,
          }) as object,
        }),
      );
    expect((await readiness()).json()).toMatchObject({
      status: 'not_ready',
      checks: expect.arrayContaining([
        { name: 'database', fault: null },
        { name: 'issuing', fault: expect.stringContaining('The disk of the database is full.') as string },
      ]) as object[],
    });
    const examined = await examine(ground.environment, '--database-directory', disk.directory);
    expect(faultsOf(examined, 'disk')).toEqual([
      expect.objectContaining({
        status: 'failed',
        seen: expect.stringMatching(/100 % full, 0 MB are free/) as string,
      }),
    ]);

    disk.makeRoom();
    expect((await send()).json()).toMatchObject({ result: 'issued' });
    expect((await readiness()).status).toBe(200);
  } finally {
    disk.makeRoom();
    await ground.superuser.query('ALTER TABLE ledger SET TABLESPACE pg_default');
    await ground.superuser.query('DROP TABLESPACE small');
    disk.remove();
  }
});

it('a database that became a standby is told as such, by readiness and doctor', async () => {
  const [row] = await queryOnce<{ data: string }>(
    cluster.address.superuserUrl,
    `SELECT current_setting('data_directory') AS data`,
  );
  const signal = join(row?.data ?? '', 'standby.signal');
  await cluster.stop();
  writeFileSync(signal, '');
  chmodSync(signal, 0o600);
  giveTo(postgresUser(), signal);
  await cluster.start();
  const standby = /The database is (a standby|in recovery).*(promoted|pg_promote)/;
  await expect
    .poll(async () => (await readiness()).json())
    .toMatchObject({
      checks: expect.arrayContaining([
        { name: 'database', fault: expect.stringMatching(standby) as string },
      ]) as object[],
    });
  const [fault] = faultsOf(await examine(ground.environment), 'writable');
  expect(`${fault?.seen} ${fault?.advice}`).toMatch(standby);
  await cluster.stop();
  rmSync(signal);
  await cluster.start();
});
