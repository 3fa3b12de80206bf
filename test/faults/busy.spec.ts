import type { IssueAnswer, Problem } from '@tax-control/protocol';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GroupCommit } from '../../src/issuance/group-commit.js';
import { TerminalDirectory } from '../../src/registry/terminal-directory.js';
import { publishParameters, receiptOf, Till } from '../issuance/office.js';
import { type Answer, call } from '../support/client.js';
import { makeGround, startTestServer, type TestGround, type TestServer } from '../support/server.js';
import { makeTerminal } from '../support/terminals.js';

const THRESHOLD = 10;
const QUEUE = 8;
/** What a busy machine needs. */
const PATIENCE = { timeout: 20_000 };

let ground: TestGround;
let server: TestServer;

beforeAll(async () => {
  ground = await makeGround();
  await publishParameters(ground, { threshold: THRESHOLD });
  server = await startTestServer({
    ground,
    environment: {
      ISSUANCE_LISTS_IN_FLIGHT_MAX: '1',
      // No list hangs here for the server; and there are no connections for a second list beside one that does.
      DATABASE_POOL_SIZE: '5',
      DATABASE_STATEMENT_TIMEOUT_MS: '60000',
      ISSUANCE_ANSWER_TIMEOUT_MS: '60000',
      ISSUANCE_LIST_INVOICES_MAX: '1',
      ISSUANCE_QUEUE_INVOICES_MAX: String(QUEUE),
    },
  });
});

afterAll(async () => {
  await server.stop();
  await ground.clear();
});

function issue(till: Till, jws: string): Promise<Answer<IssueAnswer & Problem>> {
  return call(server, '/v1/invoices', { terminal: till.terminal, body: { invoice: jws } });
}

function queueLoad(): number {
  return server.running.application.get(GroupCommit).load;
}

/** Holds up every commit until it is released: somebody keeps the ledger to themselves. */
async function holdLedger(): Promise<{ release(): Promise<void>; isWaitedFor(): Promise<boolean> }> {
  const client = new Client({ connectionString: ground.database.superuserUrl });
  await client.connect();
  await client.query('BEGIN');
  await client.query('LOCK TABLE ledger IN SHARE MODE');
  return {
    isWaitedFor: async () => {
      const { rowCount } = await ground.superuser.query(
        `SELECT FROM pg_locks WHERE NOT granted AND relation = 'ledger'::regclass`,
      );
      return rowCount === 1;
    },
    release: async () => {
      await client.query('ROLLBACK');
      await client.end();
    },
  };
}

describe('a server with more to do than it can take', () => {
  it('says server_busy with a time, answers everybody else once it can, and loses nothing', async () => {
    const tills = await Promise.all(
      Array.from(
        { length: QUEUE + 2 },
        async () => new Till(await makeTerminal(server), new TerminalDirectory(server.superuser)),
      ),
    );
    const [first, last] = [tills[0]!, tills.at(-1)!];
    const texts = tills.map((till) => till.sign().jws);
    const ledger = await holdLedger();
    const inDatabase = issue(first, texts[0]!);
    await expect.poll(() => ledger.isWaitedFor(), PATIENCE).toBe(true);
    const queued = tills.slice(1, -1).map((till, index) => issue(till, texts[index + 1]!));
    await expect.poll(queueLoad, PATIENCE).toBe(1);
    const turnedAway = await issue(last, texts.at(-1)!);
    expect(turnedAway.status).toBe(503);
    expect(turnedAway.json()).toMatchObject({ code: 'server_busy', retry: 'later' });
    expect(Number(turnedAway.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    await ledger.release();
    const answers = (await Promise.all([inDatabase, ...queued])).map((answer) => answer.json());
    expect(answers.map(({ result }) => result)).toEqual(Array(QUEUE + 1).fill('issued'));
    // Whoever was turned away comes again, and is served as ever.
    expect((await issue(last, texts.at(-1)!)).json()).toMatchObject({ result: 'issued', allowance: THRESHOLD });
  });

  it('gives the late door less while the online door is busy, and issues for a client that has gone', async () => {
    const tills = await Promise.all(
      Array.from(
        { length: QUEUE + 1 },
        async () => new Till(await makeTerminal(server), new TerminalDirectory(server.superuser)),
      ),
    );
    const ledger = await holdLedger();
    const [gone, ...others] = tills;
    const left = gone!.sign();
    const abandoned = new AbortController();
    const leaving = call(server, '/v1/invoices', {
      terminal: gone!.terminal,
      body: { invoice: left.jws },
      tls: { signal: abandoned.signal },
    });
    await expect.poll(() => ledger.isWaitedFor(), PATIENCE).toBe(true);
    abandoned.abort();
    await expect(leaving).rejects.toThrow('aborted');
    const waiting = others.map((till) => issue(till, till.sign().jws));
    await expect.poll(queueLoad, PATIENCE).toBe(1);
    await ledger.release();
    const allowances = (await Promise.all(waiting)).map((answer) => answer.json().allowance);
    // The queue was full when the first of them was answered, and empty at the last.
    expect(Math.min(...allowances)).toBeLessThan(THRESHOLD);
    expect(Math.max(...allowances)).toBe(THRESHOLD);
    const look = await call<IssueAnswer>(server, `/v1/invoices/${left.invoice.id}`, { terminal: gone!.terminal });
    const again = await issue(gone!, left.jws);
    expect(again.json()).toMatchObject({ result: 'already_issued', receipt: look.json().receipt });
    expect(receiptOf(again.json()).invoiceId).toBe(left.invoice.id);
  });
});
