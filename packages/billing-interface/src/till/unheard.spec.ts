import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TillBench } from '../testing/till-bench.js';
import { draft } from '../testing/till-folder.js';

let bench: TillBench;
beforeEach(async () => {
  bench = await TillBench.set();
});
afterEach(() => bench.end());

describe('what nobody waits for any more', () => {
  it('a bug behind a late answer is heard of, although the MIS has its answer', async () => {
    let open: (value?: unknown) => void = () => undefined;
    const late = new Promise((resolve) => (open = resolve));
    bench.server.fault = ({ path }) => (path === '/v1/invoices' ? { kind: 'hold', until: late } : null);
    // Within it a busy machine connects and sends: only the answer is late.
    bench.server.office.publish({ deadlineMs: 1_500 });
    let hear: (error: unknown) => void = () => undefined;
    const heard = new Promise((resolve) => (hear = resolve));
    const bug = new Error('a bug of ours');
    const till = await bench.openTill({
      onStep: (step) => {
        if (step === 'answered') throw bug;
      },
      onError: (error) => hear(error),
    });
    till.importParameters(bench.server.office.signedParameters().jws);
    expect(await till.issue('sale 1', draft('R-1'))).toMatchObject({ result: 'stored_offline' });
    open();
    expect(await heard).toBe(bug);
    expect(till.status()).toMatchObject({ waiting: 1 });
  });

  it('whoever waits for the feed is let go when the till is closed, long before his time', async () => {
    const till = await bench.openTill();
    const waiting = till.waitForFeed(till.feed(0).at(-1)?.cursor ?? 0, 3_600_000);
    await till.close();
    expect(await waiting).toEqual([]);
  });
});
