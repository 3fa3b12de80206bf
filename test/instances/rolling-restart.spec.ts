import { setTimeout as pause } from 'node:timers/promises';
import type { BillingInterface, SaleResult } from '@tax-control/billing-interface';
import { draft } from '@tax-control/billing-interface/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Pair, startPair } from './pair.js';

const TILLS = 3;
/** Between two customers: the servers that start anew need the processors too. */
const CUSTOMER_PAUSE_MS = 5;
/** Sales of all tills before a server is stopped and after it is back. */
const SALES = 60;
/** What whoever stops containers waits before it kills. */
const END_MS_MAX = 10_000;

let pair: Pair;
beforeAll(async () => {
  pair = await startPair();
});
afterAll(() => pair.close());

it('costs no sale: none is refused, none is lost, none has to wait for its code', { timeout: 60_000 }, async () => {
  const tills = await Promise.all(
    Array.from({ length: TILLS }, (_, index) => pair.openTill(`till-${index}`, index % 2 === 0 ? 0 : 1)),
  );
  const results: SaleResult[] = [];
  const times: number[] = [];
  const end = new AbortController();
  const sell = async (till: BillingInterface, name: number): Promise<void> => {
    for (let number = 1; !end.signal.aborted; number += 1) {
      const began = performance.now();
      const saleId = `${name}-${number}`;
      results.push(await till.issue(saleId, draft(saleId)));
      times.push(performance.now() - began);
      await pause(CUSTOMER_PAUSE_MS);
    }
  };
  const moreSales = async (): Promise<void> => {
    const enough = results.length + SALES;
    await expect.poll(() => results.length, { timeout: 30_000, interval: 10 }).toBeGreaterThan(enough);
  };
  const selling = Promise.all(tills.map(sell));
  for (const index of [0, 1] as const) {
    await moreSales();
    const began = performance.now();
    expect(await pair.servers[index].end('SIGTERM')).toBe(0);
    const took = performance.now() - began;
    console.log('stopped in', took, 'sales', results.length);
    expect(took).toBeLessThan(END_MS_MAX);
    await moreSales();
    await pair.restart(index);
    console.log('restarted', performance.now() - began, 'sales', results.length);
  }
  await moreSales();
  end.abort();
  await selling;
  console.log(results.length, 'max', Math.max(...times));
  expect(results.filter(({ result }) => result !== 'issued')).toEqual([]);
  const { rows } = await pair.ground.superuser.query<{ count: number }>('SELECT count(*)::int AS count FROM ledger');
  expect(rows[0]?.count).toBe(results.length);
  const log = tills.flatMap((till) => till.log(10_000));
  console.log(log.length, log.filter(({ outcome }) => outcome !== 'issued').length);
  expect(log.filter(({ outcome, cause }) => cause !== null || !outcome.includes('issued'))).toEqual([]);
});
