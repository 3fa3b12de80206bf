import { problem } from '@tax-control/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BillingInterface, SaleIssued } from '../api.js';
import { TillBench } from '../testing/till-bench.js';
import { draft } from '../testing/till-folder.js';

let bench: TillBench;
let till: BillingInterface;

beforeEach(async () => {
  bench = await TillBench.set();
  till = await bench.openTill();
});
afterEach(() => bench.end());

async function sell(...saleIds: string[]): Promise<SaleIssued[]> {
  const sales: SaleIssued[] = [];
  for (const saleId of saleIds) sales.push((await till.issue(saleId, draft(saleId))) as SaleIssued);
  return sales;
}

const idsOf = (sales: readonly SaleIssued[]): string[] => sales.map(({ invoice }) => invoice.id);

describe('a server that has forgotten receipts', () => {
  it('gets them back after the next sale, the oldest first, and hears when all are there', async () => {
    const { office } = bench.server;
    const forgotten = await sell('a', 'b', 'c');
    office.restore(idsOf(forgotten));
    const [next] = await sell('d');
    await till.drain();
    expect(office.restored).toEqual(idsOf(forgotten));
    expect(office.arrivals.at(-1)).toEqual({ invoiceId: next!.invoice.id, door: 'issue' });
    expect(office.keptSince).toBe(office.lastJump);
    expect(till.feed(0).filter(({ kind }) => kind === 'restored')).toMatchObject([
      { detail: 'The server had forgotten 3 invoices of this till, and has them again.' },
    ]);
  });

  it('gets a range in the middle back, too, and what is not missing is not presented', async () => {
    const { office } = bench.server;
    const [, b, c] = await sell('a', 'b', 'c', 'd');
    office.restore(idsOf([b!, c!]));
    await sell('e');
    await till.drain();
    expect(office.restored).toEqual([b!.invoice.id, c!.invoice.id]);
  });

  it('is noticed by the newest code alone, where its numbers did not jump', async () => {
    const { office } = bench.server;
    const [, b] = await sell('a', 'b');
    office.filed.delete(b!.invoice.id);
    await sell('c');
    await till.drain();
    expect(office.restored).toEqual([b!.invoice.id]);
  });

  it('is asked once for each jump, and not again after the till was started anew', async () => {
    const { office } = bench.server;
    const [a] = await sell('a');
    office.restore([]);
    await sell('b');
    await till.drain();
    await till.close();
    till = await bench.openTill();
    office.filed.delete(a!.invoice.id);
    await sell('c');
    await till.drain();
    expect(office.restored).toEqual([]);
    office.restore([]);
    await sell('d');
    await till.drain();
    expect(office.restored).toEqual([a!.invoice.id]);
  });

  it('looks no further down than to what is certainly kept', async () => {
    const { office } = bench.server;
    const sales = await sell(...Array.from({ length: 27 }, (_, index) => `sale-${index}`));
    // The two lowest: below the first question, and told to be kept.
    const [first, second] = sales;
    office.keptUpTo = Number(sales[5]!.code.slice(0, 12));
    office.restore([]);
    office.filed.delete(first!.invoice.id);
    office.filed.delete(second!.invoice.id);
    await sell('next');
    await till.drain();
    expect(office.restored).toEqual([]);
    office.keptUpTo = Number(first!.code.slice(0, 12)) - 1;
    office.restore([]);
    await sell('later');
    await till.drain();
    expect(office.restored).toEqual([first!.invoice.id, second!.invoice.id]);
  });
});

describe('the threshold', () => {
  it('bounds what a transaction brings back, together with the backlog behind it', async () => {
    const { office } = bench.server;
    const forgotten = await sell('a', 'b', 'c', 'd', 'e');
    office.publish({ threshold: 3 });
    await till.drain();
    office.allowance = 3;
    office.restore(idsOf(forgotten));
    await sell('f');
    await expect.poll(() => office.restored.length).toBe(3);
    await till.drain();
    expect(office.restored).toHaveLength(5);
  });

  it('lets the forgotten ones go before the backlog', async () => {
    const { office } = bench.server;
    const forgotten = await sell('a', 'b');
    bench.server.fault = ({ path }) => (path === '/v1/invoices' ? { kind: 'reset' } : null);
    await till.issue('waits', draft('waits'));
    bench.server.fault = () => null;
    office.restore(idsOf(forgotten));
    const order: string[] = [];
    bench.server.fault = ({ path }) => {
      order.push(path);
      return null;
    };
    await till.drain();
    await sell('next');
    await till.drain();
    const restoredAt = order.indexOf('/v1/restorations');
    expect(restoredAt).toBeGreaterThanOrEqual(0);
    expect(office.restored).toHaveLength(2);
  });
});

describe('a restoration that fails', () => {
  it('does not ask for ever a server that refuses as many as it allows', async () => {
    const { office } = bench.server;
    office.restore(idsOf(await sell('a', 'b')));
    bench.server.fault = ({ path }) =>
      path === '/v1/restorations'
        ? { kind: 'answer', status: 400, body: problem('over_threshold', { allowed: 1 }) }
        : null;
    await sell('c');
    await till.drain();
    await till.drain();
    expect(bench.server.requests.filter(({ path }) => path === '/v1/restorations').length).toBeLessThan(6);
    expect(till.lookUp('c')).toMatchObject({ result: 'issued' });
  });

  it('goes on after an outage, and loses nothing', async () => {
    const { office } = bench.server;
    const forgotten = await sell('a', 'b', 'c');
    office.restore(idsOf(forgotten));
    let cuts = 0;
    bench.server.fault = ({ path }) => {
      if (path !== '/v1/restorations' || cuts > 0) return null;
      cuts += 1;
      return { kind: 'reset' };
    };
    await sell('d');
    await till.drain();
    expect(cuts).toBe(1);
    await till.drain();
    await expect.poll(() => office.restored.length).toBe(3);
    expect(office.keptSince).toBe(office.lastJump);
  });

  it('is tried again soon where the server does not take it just now', async () => {
    let aheadMs = 0;
    await till.close();
    till = await bench.openTill({ clock: { now: () => Date.now(), monotonicMs: () => performance.now() + aheadMs } });
    const { office } = bench.server;
    office.restore(idsOf(await sell('a', 'b')));
    let failed = 0;
    bench.server.fault = ({ path }) => {
      if (path !== '/v1/restorations' || failed > 0) return null;
      failed += 1;
      const later = { result: 'deferred', problem: problem('outcome_unknown') };
      return { kind: 'answer', status: 200, body: { results: [later, later] } };
    };
    await sell('c');
    await till.drain();
    expect(failed).toBe(1);
    aheadMs = 10_001;
    await sell('d');
    await till.drain();
    expect(office.restored).toHaveLength(2);
    expect(office.keptSince).toBe(office.lastJump);
  });

  it('is told in the feed where the server refuses it, is not repeated, and is never called complete', async () => {
    const { office } = bench.server;
    const [a, b] = await sell('a', 'b');
    office.restore(idsOf([a!, b!]));
    office.refuseRestoration = () => problem('code_in_dispute');
    await sell('c');
    await till.drain();
    const told = () => till.feed(0).filter(({ kind }) => kind === 'restoration_refused');
    // One event for all of them.
    expect(told()).toMatchObject([{ code: 'code_in_dispute', invoiceId: a!.invoice.id }]);
    expect(told()[0]!.detail).toContain('2 receipts');
    const presented = (): number => bench.server.requests.filter(({ path }) => path === '/v1/restorations').length;
    const before = presented();
    // Not by the same till, and not after it was started anew.
    await till.close();
    till = await bench.openTill();
    await sell('d');
    await till.drain();
    expect(presented()).toBe(before);
    expect(told()).toHaveLength(1);
    expect(office.keptSince).toBeNull();
    expect(till.lookUp('a')).toMatchObject({ result: 'issued' });
  });
});
