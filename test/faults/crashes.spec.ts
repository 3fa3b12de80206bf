import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IssueAnswer } from '@tax-control/protocol';
import { publishParameters } from '../issuance/office.js';
import { call } from '../support/client.js';
import { createTestDatabase } from '../support/database.js';
import { makeGround, startTestServer, type TestGround, type TestServer } from '../support/server.js';
import { type ServerProcess, startServerProcess } from '../support/server-process.js';
import { startTemporaryCluster, type TemporaryCluster } from '../support/temporary-cluster.js';
import { judgeLedger, NOTHING_LOST, type SellingTills, startSelling } from './selling-tills.js';

const TILLS = 6;
/** Receipts before, and again after, each crash: enough that commits are under way at the moment of it. */
const RECEIPTS = 150;
const LIMIT_MS = 240_000;

function moreReceipts({ receipts }: SellingTills): Promise<void> {
  const enough = receipts.size + RECEIPTS;
  return expect.poll(() => receipts.size).toBeGreaterThan(enough);
}

describe('Postgres killed under load', () => {
  let cluster: TemporaryCluster;
  let ground: TestGround;
  let server: TestServer;

  beforeAll(async () => {
    cluster = await startTemporaryCluster();
    ground = await makeGround('test', await createTestDatabase(cluster.address));
    await publishParameters(ground);
    server = await startTestServer({ ground });
  });

  afterAll(async () => {
    await server.stop();
    await ground.clear();
    await cluster.delete();
  });

  it('keeps every receipt that was given, and the server serves on by itself', { timeout: LIMIT_MS }, async () => {
    const tills = await startSelling(() => server, TILLS);
    for (const _crash of [1, 2]) {
      await moreReceipts(tills);
      const failuresBefore = tills.failures.length;
      await cluster.kill();
      await expect.poll(() => tills.failures.length).toBeGreaterThan(failuresBefore);
      await cluster.start();
    }
    await moreReceipts(tills);
    await tills.stop();
    // The server told what was wrong; no till ever saw anything else.
    const told = new Set(tills.failures);
    expect([...told].filter((code) => code !== 'database_unavailable' && code !== 'outcome_unknown')).toEqual([]);
    expect(await judgeLedger(ground.superuser, tills)).toEqual(NOTHING_LOST);
  });
});

describe('the server killed under load', () => {
  let ground: TestGround;
  let server: ServerProcess;

  beforeAll(async () => {
    ground = await makeGround();
    await publishParameters(ground);
    server = await startServerProcess(ground);
  });

  afterAll(async () => {
    await server.end('SIGTERM');
    await ground.clear();
  });

  it('keeps every receipt that was given, and gives the same ones again', { timeout: LIMIT_MS }, async () => {
    const tills = await startSelling(() => server, TILLS);
    for (const _crash of [1, 2]) {
      await moreReceipts(tills);
      const failuresBefore = tills.failures.length;
      expect(await server.end('SIGKILL')).toBeNull();
      await expect.poll(() => tills.failures.length).toBeGreaterThan(failuresBefore);
      server = await startServerProcess(ground);
    }
    await moreReceipts(tills);
    await tills.stop();
    expect(await judgeLedger(ground.superuser, tills)).toEqual(NOTHING_LOST);
    for (const [invoiceId, receipt] of [...tills.receipts].slice(0, 20)) {
      const { till, jws } = tills.sent.get(invoiceId)!;
      const again = await call<IssueAnswer>(server, '/v1/invoices', {
        terminal: till.terminal,
        body: { invoice: jws },
      });
      expect(again.json()).toMatchObject({ result: 'already_issued', receipt });
    }
  });
});
