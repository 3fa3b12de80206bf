import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BadInputGround, Counter, NOTHING_STORED, startBadInputGround } from '../bad-input/ground.js';

/** The longest that a statement may take is the sum of both; in production it is 12 s. */
const STATEMENT_TIMEOUT_MS = 500;
const ANSWER_MARGIN_MS = 2_000;
const TILLS = 4;

let ground: BadInputGround;
let frozen: number[] = [];
beforeAll(async () => {
  ground = await startBadInputGround({}, { DATABASE_STATEMENT_TIMEOUT_MS: String(STATEMENT_TIMEOUT_MS) });
});
afterAll(async () => {
  thaw();
  await ground.stop();
});

/** Stops the processes behind the server's sessions, as happens on a machine that is out of memory, or paused to be moved. */
async function freeze(): Promise<void> {
  const { rows } = await ground.ground.superuser.query<{ pid: number }>(
    'SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND usename <> current_user',
  );
  frozen = rows.map(({ pid }) => pid);
  for (const pid of frozen) process.kill(pid, 'SIGSTOP');
}

function thaw(): void {
  for (const pid of frozen.splice(0)) process.kill(pid, 'SIGCONT');
}

interface Sale {
  readonly counter: Counter;
  readonly jws: string;
  /** `issued`, or the code of the problem. */
  readonly outcome: string;
  readonly receipt: string | undefined;
  readonly tookMs: number;
}

async function sell(counter: Counter, jws: string): Promise<Sale> {
  const sentAtMs = performance.now();
  const { result, code, receipt } = (await counter.issue(jws)).json();
  return { counter, jws, outcome: result ?? code, receipt, tookMs: performance.now() - sentAtMs };
}

it('loses no invoice when all sessions freeze under load, and sells on over new ones', async () => {
  const sales: Sale[] = [];
  const end = new AbortController();
  const counters: Counter[] = [];
  for (let till = 0; till < TILLS; till += 1) counters.push(new Counter(ground.server, await ground.newTill()));
  const sellOn = async (counter: Counter): Promise<void> => {
    while (!end.signal.aborted) sales.push(await sell(counter, counter.till.sign().jws));
  };
  const failed = () => sales.filter(({ outcome }) => outcome !== 'issued');
  /** What each till has finished since. */
  const finishedSince = (count: number) =>
    Math.min(...counters.map((counter) => sales.slice(count).filter((sale) => sale.counter === counter).length));

  const selling = Promise.all(counters.map(sellOn));
  await expect.poll(() => sales.length).toBeGreaterThan(5 * TILLS);
  await freeze();
  expect(frozen.length).toBeGreaterThan(0);
  const whenFrozen = sales.length;
  await expect.poll(() => finishedSince(whenFrozen)).toBeGreaterThanOrEqual(2);
  thaw();
  const whenThawed = sales.length;
  const issuedSince = () => sales.slice(whenThawed).filter(({ outcome }) => outcome === 'issued').length;
  await expect.poll(issuedSince).toBeGreaterThan(TILLS);
  end.abort();
  await selling;
  for (const { outcome } of failed())
    expect(['database_unavailable', 'outcome_unknown', 'server_busy']).toContain(outcome);
  // Who it is, and then the invoice: each may find a frozen session.
  expect(Math.max(...sales.map(({ tookMs }) => tookMs))).toBeLessThan(3 * (STATEMENT_TIMEOUT_MS + ANSWER_MARGIN_MS));

  // Sent again, each has the receipt that it had, or one now.
  for (const { counter, jws, receipt } of sales) {
    const again = await sell(counter, jws);
    expect(['issued', 'already_issued']).toContain(again.outcome);
    expect(again.receipt).toBe(receipt ?? again.receipt);
  }
  for (const counter of counters) counter.close();
  expect(await ground.counts()).toEqual({ ...NOTHING_STORED, ledger: sales.length, content: sales.length });
  // A session that was dropped ends when its process runs again; one that nobody ends is ended by PostgreSQL after ten seconds.
  const open = async () =>
    (
      await ground.ground.superuser.query(
        `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'`,
      )
    ).rows;
  await expect.poll(open, { timeout: 8_000 }).toEqual([]);
});
