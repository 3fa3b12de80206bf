import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Office, openOffice, receiptOf } from '../issuance/office.js';
import { makeGround, type TestGround } from '../support/server.js';
import { type PostgresProxy, startPostgresProxy } from './postgres-proxy.js';

const SESSIONS = 4;
/** As in production. */
const ANSWER_MS = 3_000;
/** All of them are met one after the other, within 6 s; a busy machine needs more. Without limits each would take 12 s. */
const AGAIN_MS = 20_000;

let ground: TestGround;
let proxy: PostgresProxy;
let office: Office;

beforeAll(async () => {
  ground = await makeGround();
  proxy = await startPostgresProxy(ground.database.serverUrl);
  office = await openOffice({ ground, poolUrl: proxy.url, answerMs: ANSWER_MS });
});

afterAll(async () => {
  await office.close();
  await proxy.close();
  await ground.clear();
});

it('leaves sessions whose line is dead, however many they are, and issues over new ones', async () => {
  const till = await office.till();
  const sale = await till.sale();
  await Promise.all(Array.from({ length: SESSIONS }, () => office.pool.query('SELECT pg_sleep(0.2)')));
  expect(office.pool.idleCount).toBeGreaterThanOrEqual(SESSIONS);
  proxy.fallSilent();
  const issue = () => office.issuance.issue([sale]).catch((error: unknown) => [{ result: { result: String(error) } }]);
  await expect.poll(issue, { timeout: AGAIN_MS }).toMatchObject([{ result: { result: 'issued' } }]);
  // What was sent over the dead lines reached nobody.
  expect(proxy.faults).toBeGreaterThan(0);
  const [again] = await office.issuance.issue([sale]);
  expect(again?.result.result).toBe('already_issued');
  expect(receiptOf(again?.result).invoiceId).toBe(sale.invoice.id);
});
