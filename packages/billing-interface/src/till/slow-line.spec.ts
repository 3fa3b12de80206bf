import { setTimeout as delay } from 'node:timers/promises';
import type { LogUploadRequest } from '@tax-control/protocol';
import { describe, expect, it } from 'vitest';
import type { BillingInterface, InvoiceDraft, SaleStoredOffline } from '../api.js';
import { SlowLine } from '../testing/slow-line.js';
import { until } from '../testing/offline-sales.js';
import { TERMINAL } from '../testing/stand-in-server.js';
import { TillBench } from '../testing/till-bench.js';
import { draft, takeParameters } from '../testing/till-folder.js';

/** How a test is told what to end; each has a bench, because they run beside each other: they wait for the line, 71 s in all. */
type OnEnd = (end: () => Promise<void>) => void;

/** An invoice of so many lines: some 200 bytes of signed text each. */
function long(number: string, lines: number): InvoiceDraft {
  const [line] = draft(number).lines;
  if (line === undefined) throw new Error('a draft has a line');
  return {
    ...draft(number),
    lines: Array.from({ length: lines }, () => line),
    payments: [{ method: 'cash', amount: 765 * lines }],
  };
}

/** A till whose only way is the slow line, with what it sold while that was down. */
async function onLine(
  onEnd: OnEnd,
  bytesPerSecond: number,
  waiting: readonly InvoiceDraft[],
  deadlineMs = 15_000,
): Promise<{ bench: TillBench; till: BillingInterface; line: SlowLine; ids: string[] }> {
  const bench = await TillBench.set();
  onEnd(() => bench.end());
  const line = await SlowLine.open(bench.server.port, bytesPerSecond);
  bench.onEnd(() => line.close());
  bench.server.office.publish({ addresses: [line.address], threshold: 500, deadlineMs });
  takeParameters(bench.files, bench.authority, bench.server);
  bench.files.writeTerminal({ terminalId: TERMINAL.terminalId, addresses: [line.address], invitation: 'none' });
  const offline = await bench.openTill();
  line.isDown = true;
  const ids: string[] = [];
  for (const [index, one] of waiting.entries())
    ids.push(((await offline.issue(`offline ${index}`, one)) as SaleStoredOffline).invoiceId);
  await offline.close();
  line.isDown = false;
  return { bench, till: await bench.openTill(), line, ids };
}

/** Sells small things, one after the other with a pause, until nothing waits. */
async function sellUntilDrained(till: BillingInterface, pauseMs: number): Promise<string[]> {
  const results: string[] = [];
  for (let number = 1; till.status().waiting > 0; number += 1) {
    results.push((await till.issue(`sale ${number}`, draft(`sale-${number}`))).result);
    await delay(pauseMs);
  }
  return results;
}

/** What waits before the line at most, in milliseconds; the backlog of invoices at once would wait there for twelve seconds. */
const QUEUE_MS_MAX = 4_000;
const LOGS = '/v1/transaction-logs';

/** Entries of each upload that came. */
function entriesUploaded(bench: TillBench): number[] {
  const uploads = bench.server.requests.filter(({ path }) => path === LOGS);
  return uploads.map(({ body }) => (JSON.parse(body) as LogUploadRequest).entries.length);
}

/** Milliseconds that what went up takes at least. */
const leastMs = ({ carried, bytesPerSecond }: SlowLine) => (carried * 1_000) / bytesPerSecond;

describe.concurrent('a slow line', () => {
  it('drains within twice the time that the bytes take, while sales go on online', async ({ onTestFinished }) => {
    const backlog = Array.from({ length: 12 }, (_, index) => long(`long-${index}`, 80));
    const { till, line } = await onLine(onTestFinished, 16_000, backlog);
    const began = performance.now();
    const sales = await sellUntilDrained(till, 400);
    expect(performance.now() - began).toBeLessThan(2 * leastMs(line));
    expect(sales.length).toBeGreaterThan(5);
    expect(sales.filter((result) => result !== 'issued')).toEqual([]);
    expect(line.queueMsMax).toBeLessThan(QUEUE_MS_MAX);
  }, 60_000);

  it('lets the short ones pass an invoice that takes long, and carries it last', async ({ onTestFinished }) => {
    const short = Array.from({ length: 30 }, (_, index) => draft(`short-${index}`));
    const { bench, till, ids } = await onLine(onTestFinished, 64_000, [long('wholesale', 2_500), ...short]);
    await till.issue('first', draft('first'));
    await until(till, () => till.status().waiting === 1);
    expect(till.lookUp('offline 0')).toMatchObject({ result: 'stored_offline' });
    const sales = await sellUntilDrained(till, 500);
    expect(sales.filter((result) => result !== 'issued')).toEqual([]);
    expect(bench.server.office.arrivals.filter(({ door }) => door === 'reissue').at(-1)?.invoiceId).toBe(ids[0]);
  }, 60_000);

  it('carries an invoice alone that is longer than any time-out but its own', async ({ onTestFinished }) => {
    const { till, line } = await onLine(onTestFinished, 16_000, [long('wholesale', 2_000)]);
    expect(await till.drain()).toMatchObject({ issued: 1, stillWaiting: 0, cause: null });
    expect(leastMs(line)).toBeGreaterThan(20_000);
  }, 120_000);

  it('does not take a sale that is too long for it as a sign that it is down', async ({ onTestFinished }) => {
    const { till } = await onLine(onTestFinished, 16_000, [long('teaches the rate', 80)], 4_000);
    await till.drain();
    expect(await till.issue('long', long('long', 1_000))).toMatchObject({
      result: 'stored_offline',
      cause: 'answer_timeout',
    });
    expect(till.status().circuit).toBe('closed');
    expect(await till.issue('short', draft('short'))).toMatchObject({ result: 'issued' });
    await until(till, () => till.status().waiting === 0);
    expect(till.lookUp('long')).toMatchObject({ result: 'issued', receipt: { door: 'issue' } });
  }, 60_000);

  it('lets nobody wait behind a first sale that is too long for it, and is online again with its answer', async ({
    onTestFinished,
  }) => {
    const { till, line } = await onLine(onTestFinished, 16_000, [], 2_500);
    expect(await till.issue('first', draft('first'))).toMatchObject({ result: 'issued' });
    expect(await till.issue('long', long('long', 600))).toMatchObject({
      result: 'stored_offline',
      cause: 'answer_timeout',
    });
    const next = await till.issue('next', draft('next'));
    expect(next).toMatchObject({ result: 'stored_offline', cause: 'circuit_open' });
    expect(till.log()[0]).toMatchObject({ outcome: 'not_tried', totalMs: null });
    await until(till, () => till.lookUp('long')?.result === 'issued');
    expect(leastMs(line)).toBeGreaterThan(2_500);
    expect(await till.issue('after', draft('after'))).toMatchObject({ result: 'issued' });
  }, 60_000);

  it('uploads a long log in parts that it can carry', async ({ onTestFinished }) => {
    const { bench, till, line } = await onLine(onTestFinished, 16_000, []);
    for (let number = 0; number < 30; number += 1) await till.issue(`sale ${number}`, draft(`sale-${number}`));
    bench.server.fault = ({ path }) => (path === LOGS ? { kind: 'reset' } : null);
    await till.drain();
    const sizes = entriesUploaded(bench);
    expect(sizes.at(-1)).toBe(1);
    expect(sizes.length).toBeLessThan(6);
    expect(till.status().logWaiting).toBeGreaterThan(20);
    bench.server.fault = () => null;
    await till.drain();
    expect(till.status().logWaiting).toBe(0);
    expect(line.queueMsMax).toBeLessThan(QUEUE_MS_MAX);
  }, 60_000);
});

describe.concurrent('a line that breaks again and again', () => {
  it('carries what fits between two breaks, and passes by what does not', async ({ onTestFinished }) => {
    const backlog = [draft('short-1'), long('long', 400), draft('short-2'), draft('short-3')];
    const { bench, till } = await onLine(onTestFinished, 1_000_000, backlog);
    // The line breaks within every request that is longer than so many bytes.
    bench.server.fault = ({ body }) => (body.length > 40_000 ? { kind: 'reset' } : null);
    expect(await till.drain()).toMatchObject({ issued: 3, stillWaiting: 1, cause: 'connection_reset' });
    expect(till.status().circuit).toBe('closed');
    expect(await till.issue('next', draft('next'))).toMatchObject({ result: 'issued' });
  });

  it('holds an invoice for the reason that failed alone where others got through, and no other', async ({
    onTestFinished,
  }) => {
    const { bench, till } = await onLine(onTestFinished, 1_000_000, [long('long', 400), draft('short-1')]);
    bench.server.fault = ({ body }) => (body.length > 40_000 ? { kind: 'reset' } : null);
    for (const number of [1, 2, 3]) {
      await till.drain();
      await till.issue(`sale ${number}`, draft(`sale-${number}`));
    }
    const reissues = () => bench.server.requests.filter(({ path }) => path === '/v1/reissues').length;
    const before = reissues();
    await till.issue('next', draft('next'));
    await till.close();
    expect(reissues()).toBe(before);
  });
});
