import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SaleResult } from '../api.js';
import { systemClock } from '@tax-control/protocol';
import { TillBench } from '../testing/till-bench.js';
import { draft } from '../testing/till-folder.js';

const DAY_MS = 86_400_000;

let bench: TillBench;
/** How far the till's clocks were set on. */
let laterMs = 0;
const clock = { now: () => systemClock.now() + laterMs, monotonicMs: () => systemClock.monotonicMs() + laterMs };

beforeEach(async () => {
  laterMs = 0;
  bench = await TillBench.set();
});
afterEach(() => bench.end());

const repeatedIn = (events: readonly { readonly kind: string }[]) => events.filter(({ kind }) => kind === 'repeated');

describe('a saleId that is used again the next day for the same sale', () => {
  it.each<[string, () => void]>([
    ['that was issued', () => undefined],
    ['that waits', () => (bench.server.fault = () => ({ kind: 'reset' }))],
  ])('(%s) gets the answer of then, and answer, feed and log say when that was', async (_which, prepare) => {
    prepare();
    const till = await bench.openTill({ clock });
    const first = await till.issue('sale 1', draft('R-1'));
    const signed = first as Extract<SaleResult, { invoiceId: string }>;
    expect(first).not.toHaveProperty('repeated');
    const firstAt = till.log()[0]!.at;
    laterMs = DAY_MS;
    const again = await till.issue('sale 1', draft('R-1'));
    expect(again).toMatchObject({ result: first.result, invoiceId: signed.invoiceId, counter: 1, repeated: true });
    const said = (again as typeof signed).firstAt!;
    expect(Math.abs(Date.parse(said) - Date.parse(firstAt))).toBeLessThan(5_000);
    expect(repeatedIn(till.feed(0))).toMatchObject([
      { saleId: 'sale 1', invoiceId: signed.invoiceId, detail: expect.stringContaining(said) as string },
    ]);
    const [entry] = till.log();
    expect(entry).toMatchObject({ outcome: 'repeated', invoiceId: signed.invoiceId, cause: null, address: null });
    expect(entry!.detail).toContain(said);
    expect(till.status().lastCounter).toBe(1);
    expect(till.lookUp('sale 1')).not.toHaveProperty('repeated');
  });

  it('is noted once a minute, however often it is asked', async () => {
    const till = await bench.openTill({ clock });
    await till.issue('sale 1', draft('R-1'));
    for (const afterMs of [1_000, 2_000, 60_000, 62_000]) {
      laterMs = afterMs;
      expect(await till.issue('sale 1', draft('R-1'))).toMatchObject({ repeated: true });
    }
    expect(repeatedIn(till.feed(0))).toHaveLength(2);
    expect(till.log().filter(({ outcome }) => outcome === 'repeated')).toHaveLength(2);
  });

  it('reaches the office with the log', async () => {
    const till = await bench.openTill({ clock });
    await till.issue('sale 1', draft('R-1'));
    await till.issue('sale 1', draft('R-1'));
    await till.drain();
    expect([...bench.server.office.log.values()].map(({ outcome }) => outcome)).toEqual(['issued', 'repeated']);
  });
});
