import { describe, expect, it } from 'vitest';
import { makeGround, startTestServer } from '../support/server.js';
import { insertInvoice, registerTills } from './ledger-rows.js';

describe('the server', () => {
  it('keeps the sums up by itself, and ends in good order while it does', async () => {
    const ground = await makeGround();
    const server = await startTestServer({ ground });
    await registerTills(ground.superuser, [
      { terminalId: 'north-1', premisesId: 'north', taxpayerId: 'chain', region: 'North' },
    ]);
    const sale = {
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
    await insertInvoice(ground.superuser, sale);
    const kept = async (): Promise<number> => {
      const { rows } = await ground.superuser.query('SELECT FROM invoice_statistics');
      return rows.length;
    };
    // A few intervals: transactions of other specs in the cluster may hold it back.
    await expect.poll(kept, { timeout: 25_000 }).toBeGreaterThan(0);
    // A roll-up that has to wait: the shutdown waits for it, and it is not cut.
    const blocker = await ground.superuser.connect();
    await blocker.query('BEGIN; LOCK TABLE invoice_statistics IN EXCLUSIVE MODE');
    await insertInvoice(ground.superuser, sale);
    const waiting = async (): Promise<number> => {
      const { rows } = await ground.superuser.query(
        `SELECT FROM pg_locks JOIN pg_class ON pg_class.oid = relation WHERE relname = 'invoice_statistics' AND NOT granted`,
      );
      return rows.length;
    };
    await expect.poll(waiting, { timeout: 25_000 }).toBe(1);
    const stopped = server.stop();
    await blocker.query('COMMIT');
    blocker.release();
    await stopped;
    expect(server.logLines.filter(({ level }) => level === 'error')).toEqual([]);
    const { rows } = await ground.superuser.query(
      `SELECT sum(times)::integer AS times FROM invoice_statistics WHERE level = 'all' AND grain = 'day' AND figure = 'invoices'`,
    );
    expect(rows).toEqual([{ times: 2 }]);
    await ground.clear();
  }, 90_000);
});
