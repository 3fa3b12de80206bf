import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { makeInvoiceOfLines } from '@tax-control/protocol/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { EvidenceOrder } from '../../src/console-api/evidence/evidence-order.js';
import { EvidenceThreads } from '../../src/console-api/evidence/evidence-threads.js';
import { EXPORT_KEPT_MS, EXPORTS_AT_ONCE_MAX } from '../../src/console-api/exports/running-exports.js';
import type { Till } from '../issuance/office.js';
import { signIn, type TestBrowser } from '../support/officials.js';
import { aroundNow, type ConsoleGround, openConsoleGround } from './ground.js';

/** Ten times 2 MB in three forms: more than the buffers of both ends of a connection hold. */
const LARGE_SALES = 10;
const LARGE_LINES = 9_000;
/** Many more than are on their way at a time. */
const PIECES_READ = 40;

let ground: ConsoleGround;
let till: Till;
let agent: Agent;

beforeAll(async () => {
  ground = await openConsoleGround();
  till = await ground.till();
  agent = new Agent({ rejectUnauthorized: false });
  for (let count = 0; count < LARGE_SALES; count += 1) {
    const { lines, taxes, payments, total } = makeInvoiceOfLines(LARGE_LINES);
    await ground.sell(till, { lines, taxes, payments, total });
  }
});
afterAll(async () => {
  agent.destroy();
  await ground.close();
});

const order = () => ({ premisesId: till.terminal.premisesId, ...aroundNow(), zone: 'UTC', reason: 'audit of a shop' });

/** Asks for evidence; nothing of the answer is read until somebody reads it. */
function askForEvidence(browser: TestBrowser): Promise<IncomingMessage> {
  const { port } = ground.server.addresses.public;
  const headers = { ...browser.headers, 'content-type': 'application/json' };
  const options = { agent, host: '127.0.0.1', port, path: '/v1/console/evidence', method: 'POST', headers };
  return new Promise((resolve, reject) => {
    request(options, resolve).on('error', reject).end(JSON.stringify(order()));
  });
}

/** Sessions of threads: what the server itself has is idle, and of the size of its pool at most. */
async function sessions(): Promise<number> {
  const { rows } = await ground.ground.superuser.query<{ count: number }>(
    `SELECT count(*)::integer AS count FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'tax-control evidence'`,
  );
  return rows[0]?.count ?? 0;
}

describe('an export that nobody reads', () => {
  it('keeps its official from another one until its reader goes away, which frees everything', async () => {
    const browser = await signIn(ground.server);
    const first = await askForEvidence(browser);
    expect(first.statusCode).toBe(200);
    await expect.poll(sessions).toBe(1);
    const second = await browser.post('/v1/console/evidence', order());
    expect([second.status, second.json()]).toMatchObject([409, { code: 'export_running', retry: 'later' }]);
    first.destroy();
    await expect.poll(sessions).toBe(0);
    const third = await askForEvidence(browser);
    expect(third.statusCode).toBe(200);
    third.destroy();
    await expect.poll(sessions).toBe(0);
  });

  it('leaves no room for more than the process can take, and says when to ask again', async () => {
    const running: IncomingMessage[] = [];
    for (let count = 0; count < EXPORTS_AT_ONCE_MAX.evidence; count += 1)
      running.push(await askForEvidence(await signIn(ground.server)));
    const late = await (await signIn(ground.server)).post('/v1/console/evidence', order());
    expect([late.status, late.json()['code'], late.headers['retry-after']]).toEqual([503, 'server_busy', '10']);
    for (const one of running) one.destroy();
    await expect.poll(sessions).toBe(0);
  });

  it('loses its place after its time to the next official who asks', async () => {
    const { clock } = ground.server;
    clock.stop();
    const slow = await askForEvidence(await signIn(ground.server));
    const broken = once(slow, 'error');
    const next = await signIn(ground.server);
    clock.advance(EXPORT_KEPT_MS - 1);
    expect((await next.post('/v1/console/evidence', order())).status).toBe(503);
    clock.advance(1);
    const answer = await askForEvidence(next);
    clock.reset();
    expect(answer.statusCode).toBe(200);
    slow.resume();
    await broken;
    let bytes = 0;
    for await (const chunk of answer) bytes += (chunk as Buffer).length;
    expect([answer.complete, bytes > LARGE_SALES * 2_000_000]).toEqual([true, true]);
    await expect.poll(sessions).toBe(0);
  });

  it('is not made for who reads it only at its end: the server stops where its reader stops', async () => {
    const browser = await signIn(ground.server);
    const answer = await askForEvidence(browser);
    await expect.poll(sessions).toBe(1);
    // The thread comes to rest in the middle of its work, for its next piece is not asked for.
    let before = '';
    const isAtRest = async (): Promise<boolean> => {
      const last = before;
      before = await bytesRead();
      return before === last;
    };
    await expect.poll(isAtRest, { interval: 500, timeout: 60_000 }).toBe(true);
    expect(await sessions()).toBe(1);
    let bytes = 0;
    for await (const chunk of answer) bytes += (chunk as Buffer).length;
    expect(bytes).toBeGreaterThan(LARGE_SALES * 2_000_000);
    await expect.poll(sessions).toBe(0);
  });
});

it('keeps none of the pieces that were read', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const pieces: WeakRef<Uint8Array>[] = [];
  const write = Reflect.get(EvidenceThreads.prototype, 'write') as (
    this: EvidenceThreads,
    order: EvidenceOrder,
  ) => AsyncIterator<Uint8Array>;
  const spy = vi.spyOn(EvidenceThreads.prototype, 'write').mockImplementation(function (this: EvidenceThreads, order) {
    const made = write.call(this, order);
    const next = async (): Promise<IteratorResult<Uint8Array>> => {
      const result = await made.next();
      if (result.done !== true) pieces.push(new WeakRef(result.value));
      return result;
    };
    return { ...made, next };
  });
  const answer = await askForEvidence(await signIn(ground.server));
  for await (const chunk of answer) {
    expect(chunk).toBeDefined();
    if (pieces.length > PIECES_READ) break;
  }
  spy.mockRestore();
  const kept = (): number => {
    collect();
    return pieces.filter((piece) => piece.deref() !== undefined).length;
  };
  await expect.poll(kept, { timeout: 60_000 }).toBeLessThan(PIECES_READ / 2);
  await expect.poll(sessions).toBe(0);
});

/** So often, 50 ms apart, the session is idle after the same statement: on a busy machine, to make a piece took 0.3 s. */
const IDLE_LOOKS = 20;

/** What the threads' sessions have asked for last, and when: it stays the same while nothing is asked for. */
async function bytesRead(): Promise<string> {
  let [last, looks] = ['', 0];
  await expect
    .poll(async () => {
      const { rows } = await ground.ground.superuser.query<{ at: Date; state: string }>(
        `SELECT query_start AS at, state FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'tax-control evidence'`,
      );
      const now = JSON.stringify(rows);
      // A thread that makes a piece is idle too, between two statements.
      looks = now === last && rows.every(({ state }) => state === 'idle') ? looks + 1 : 0;
      last = now;
      return looks;
    })
    .toBe(IDLE_LOOKS);
  return last;
}
