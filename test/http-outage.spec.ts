import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { scrape } from './observability/scrape.js';
import { call } from './support/client.js';
import { createTestDatabase } from './support/database.js';
import { makeGround, startTestServer, type TestGround, type TestServer } from './support/server.js';
import { startTemporaryCluster, type TemporaryCluster } from './support/temporary-cluster.js';
import { makeTerminal, type TestTerminal } from './support/terminals.js';

let cluster: TemporaryCluster;
let ground: TestGround;
let server: TestServer;
let till: TestTerminal;
beforeAll(async () => {
  cluster = await startTemporaryCluster();
  ground = await makeGround('test', await createTestDatabase(cluster.address));
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
      ],
    },
  ]);
  const told = await scrape(server);
  expect(told.value('tax_control_ready{check="database"}')).toBe(0);
  expect(told.value('tax_control_ready{check="keys"}')).toBe(1);
  expect(told.value('tax_control_figure_known{figure="roll_up"}')).toBe(0);
  expect(told.find('tax_control_roll_up_lag_seconds')).toBeUndefined();
  expect((await call(server, '/health/live', { listener: 'operator' })).status).toBe(200);

  await cluster.start();
  await expect.poll(async () => (await echo()).status, { timeout: 10_000 }).toBe(200);
  expect((await readiness()).status).toBe(200);
  const again = await scrape(server);
  expect(again.value('tax_control_ready{check="database"}')).toBe(1);
  expect(again.value('tax_control_roll_up_lag_seconds')).toBe(0);
});
