import { type Parameters, systemClock } from '@tax-control/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BillingInterface } from '../api.js';
import { TillBench } from '../testing/till-bench.js';
import { draft, takeParameters } from '../testing/till-folder.js';

const HOUR_MS = 3_600_000;

let bench: TillBench;
let aheadMs: number;
/** Time that passes; a clock that is merely set moves `now` alone. */
let passedMs: number;
const clock = {
  now: () => Date.now() + aheadMs + passedMs,
  monotonicMs: () => systemClock.monotonicMs() + passedMs,
};
beforeEach(async () => {
  aheadMs = 0;
  passedMs = 0;
  bench = await TillBench.set();
});
afterEach(() => bench.end());

async function offlineTill(limits: Partial<Parameters['offlineLimits']>): Promise<BillingInterface> {
  const { office } = bench.server;
  office.publish({ offlineLimits: { ...office.parameters.offlineLimits, ...limits } });
  takeParameters(bench.files, bench.authority, bench.server);
  bench.server.fault = () => ({ kind: 'reset' });
  return bench.openTill({ clock });
}

const sell = (till: BillingInterface, number: number) => till.issue(`sale ${number}`, draft(`R-${number}`));

describe('an offline limit', () => {
  it('warns at 80 per cent, and at the limit on every invoice, in the answer and once in the feed', async () => {
    const till = await offlineTill({ invoicesMax: 5 });
    for (const number of [1, 2, 3]) expect(await sell(till, number)).not.toHaveProperty('limitWarning');
    expect(await sell(till, 4)).toMatchObject({ limitWarning: expect.stringMatching(/near.*4 of 5/) as string });
    for (const number of [5, 6])
      expect(await sell(till, number)).toMatchObject({
        result: 'stored_offline',
        limitWarning: expect.stringMatching(/reached/) as string,
      });
    expect(till.feed(0).filter(({ kind }) => kind === 'limit')).toHaveLength(2);
  });

  it('stops sales before they are signed where the office has set it so, and lets them go on when drained', async () => {
    const till = await offlineTill({ invoicesMax: 2, atLimit: 'stop' });
    await sell(till, 1);
    await sell(till, 2);
    expect(await sell(till, 3)).toMatchObject({
      result: 'limit_reached',
      detail: expect.stringMatching(/2 of 2/) as string,
    });
    expect(till.status().lastCounter).toBe(2);
    bench.server.fault = () => null;
    await till.drain();
    expect(await sell(till, 3)).toMatchObject({ result: 'issued', counter: 3 });
  });

  it('counts the sum of sales, to which refunds add nothing', async () => {
    const till = await offlineTill({ salesMax: 1600, atLimit: 'stop' });
    await sell(till, 1);
    const refund = draft('refund', {
      kind: 'refund',
      lines: [{ type: 'goods', description: '', quantity: '-3', unitPrice: '255', taxCategory: 'standard' }],
      payments: [{ method: 'cash', amount: -765 }],
      reference: { reason: 'The receipt was lost.' },
    });
    expect(await till.issue('refund', refund)).toMatchObject({ result: 'stored_offline' });
    expect(await sell(till, 2)).toMatchObject({ result: 'stored_offline' });
    expect(await sell(till, 3)).toMatchObject({ result: 'limit_reached' });
    expect(till.status()).toMatchObject({ waiting: 3, waitingSales: 1530 });
  });

  it('counts the hours since the first one that waits', async () => {
    const till = await offlineTill({ hoursMax: 10, atLimit: 'stop' });
    await sell(till, 1);
    passedMs = 9 * HOUR_MS;
    expect(await sell(till, 2)).toMatchObject({ limitWarning: expect.stringMatching(/9 of 10/) as string });
    passedMs = 10 * HOUR_MS + 1000;
    expect(await sell(till, 3)).toMatchObject({ result: 'limit_reached' });
  });

  it('counts no hours that nobody waited, where the clock was set', async () => {
    aheadMs = -216 * HOUR_MS;
    const till = await offlineTill({ hoursMax: 48, atLimit: 'stop' });
    await sell(till, 1);
    aheadMs = 0;
    expect(await sell(till, 2)).not.toHaveProperty('limitWarning');
    passedMs = 49 * HOUR_MS;
    expect(await sell(till, 3)).toMatchObject({
      result: 'limit_reached',
      detail: expect.stringMatching(/49 of 48/) as string,
    });
  });

  it('counts over a restart, but not before what came earlier in the journal', async () => {
    const till = await offlineTill({ hoursMax: 48, atLimit: 'stop' });
    bench.server.fault = () => null;
    expect(await sell(till, 1)).toMatchObject({ result: 'issued' });
    bench.server.fault = () => ({ kind: 'reset' });
    aheadMs = -216 * HOUR_MS;
    await sell(till, 2);
    await till.close();
    aheadMs = 0;
    const reopened = await bench.openTill({ clock });
    expect(await sell(reopened, 3)).not.toHaveProperty('limitWarning');
    await reopened.close();
    passedMs = 47 * HOUR_MS;
    const later = await bench.openTill({ clock });
    passedMs = 49 * HOUR_MS;
    expect(await sell(later, 4)).toMatchObject({ result: 'limit_reached' });
  });

  it('is left by one sale in a process of its own as soon as the line is back: the oldest is sent first', async () => {
    const till = await offlineTill({ invoicesMax: 2, atLimit: 'stop' });
    await sell(till, 1);
    await sell(till, 2);
    await till.close();
    bench.server.fault = () => null;
    for (const number of [3, 4, 5]) {
      const reopened = await bench.openTill({ clock });
      expect(await sell(reopened, number)).toMatchObject({ result: 'issued', counter: number });
      await reopened.close();
    }
    const doors = bench.server.office.arrivals.map(({ door }) => door);
    expect(doors.slice(0, 2)).toEqual(['reissue', 'issue']);
  });

  it('is left while the till runs, too, and while the line was held to be down', async () => {
    const till = await offlineTill({ invoicesMax: 2, atLimit: 'stop' });
    await sell(till, 1);
    await sell(till, 2);
    expect(till.status().circuit).toBe('open');
    bench.server.fault = () => null;
    expect(await sell(till, 3)).toMatchObject({ result: 'issued' });
  });

  it('is not passed by sales that come at once', async () => {
    const till = await offlineTill({ invoicesMax: 2, atLimit: 'stop' });
    const results = await Promise.all([1, 2, 3, 4].map((number) => sell(till, number)));
    expect(results.map(({ result }) => result).toSorted((one, other) => (one < other ? -1 : 1))).toEqual([
      'limit_reached',
      'limit_reached',
      'stored_offline',
      'stored_offline',
    ]);
    expect(till.status().waiting).toBe(2);
  });

  it('keeps no sale beyond its deadline when the line hangs', async () => {
    bench.server.office.publish({ deadlineMs: 300 });
    const till = await offlineTill({ invoicesMax: 1, atLimit: 'stop' });
    await sell(till, 1);
    bench.server.fault = () => ({ kind: 'hang' });
    const began = performance.now();
    expect(await sell(till, 2)).toMatchObject({ result: 'limit_reached' });
    // Of the stand-in's silence, which has no end, nothing but the deadline is waited for; a busy machine adds to that.
    expect(performance.now() - began).toBeLessThan(4_000);
  });
});
