import { afterAll, beforeAll, expect, it } from 'vitest';
import { InvoiceRollUp } from '../../src/log-analytics/invoices/roll-up-job.js';
import { PinoLog } from '../../src/observability/pino-log.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { insertInvoice, registerTills } from './ledger-rows.js';

const SALE = {
  terminalId: 'north-1',
  issuedAt: new Date('2026-11-20T10:20:30Z'),
  door: 'issue',
  waitedSeconds: 1,
  type: 'normal',
  kind: 'sale',
  currency: 'GBP',
  total: 120,
  taxes: [],
  warnings: [],
} as const;
/** A test does not wait for the interval of a server. */
const INTERVAL_MS = 20;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await registerTills(server.superuser, [
    { terminalId: 'north-1', premisesId: 'north', taxpayerId: 'chain', region: 'North' },
  ]);
});
afterAll(() => server.stop());

async function rowsOf(sql: string): Promise<unknown[]> {
  return (await server.superuser.query(sql)).rows;
}

it('the server keeps the sums up by itself', async () => {
  await insertInvoice(server.superuser, SALE);
  // A few intervals: transactions of other specs in the cluster may hold it back.
  await expect.poll(async () => (await rowsOf('SELECT FROM invoice_statistics')).length).toBeGreaterThan(0);
});

it('the job ends in good order: a roll-up that has to wait is waited for, and not cut', async () => {
  const lines: string[] = [];
  const log = new PinoLog('info', { write: (line: string) => void lines.push(line) });
  const job = new InvoiceRollUp(server.superuser, log, INTERVAL_MS);
  const blocker = await server.superuser.connect();
  await blocker.query('BEGIN; LOCK TABLE invoice_statistics IN EXCLUSIVE MODE');
  await insertInvoice(server.superuser, SALE);
  job.onApplicationBootstrap();
  const isWaiting = async (): Promise<boolean> => {
    const waiting = `SELECT FROM pg_locks JOIN pg_class ON pg_class.oid = relation
                     WHERE relname = 'invoice_statistics' AND mode = 'RowExclusiveLock' AND NOT granted`;
    return (await blocker.query(waiting)).rows.length > 0;
  };
  await expect.poll(isWaiting, { interval: INTERVAL_MS }).toBe(true);
  const ended = job.beforeApplicationShutdown();
  await blocker.query('COMMIT');
  blocker.release();
  await ended;
  expect(lines).toEqual([]);
  expect(
    await rowsOf(
      `SELECT sum(times)::integer AS times FROM invoice_statistics WHERE level = 'all' AND grain = 'day' AND figure = 'invoices'`,
    ),
  ).toEqual([{ times: 2 }]);
});
