import { headOf, type Invoice } from '@tax-control/protocol';
import { makeInvoice } from '@tax-control/protocol/testing';
import { describe, expect, it } from 'vitest';
import type { AuthenticInvoice } from './authentic-invoice.js';
import { stretchOf, waitingAt } from './waiting.js';

function late(counter: number, soldAt: number, overrides: Partial<Invoice> = {}): AuthenticInvoice {
  const invoice = headOf(makeInvoice({ counter, total: 100, ...overrides }));
  return { invoice, soldAt } as AuthenticInvoice;
}

describe('what waited when an invoice was sold', () => {
  it('is the invoice alone when nothing else waited', () => {
    expect(waitingAt(late(5, 1000), [], [], 10)).toEqual({ invoices: 1, sales: 100n });
  });

  it('counts what is on file by now but was not then', () => {
    const onFile = [
      { counter: 3, sale: 70, registeredAt: 999 },
      { counter: 4, sale: 50, registeredAt: 1001 },
    ];
    expect(waitingAt(late(5, 1000), onFile, [], 10)).toEqual({ invoices: 2, sales: 150n });
  });

  it('counts what came in the same list before it, not behind it', () => {
    const list = [late(4, 1000), late(5, 1000), late(6, 1000)];
    expect(list.map((one) => waitingAt(one, [], list, 10).invoices)).toEqual([1, 2, 3]);
  });

  it('adds nothing for refunds, voids, training and negative sales', () => {
    const list = [
      late(1, 0, { kind: 'refund', total: 40 }),
      late(2, 0, { kind: 'void', total: 40 }),
      late(3, 0, { type: 'training', total: 40 }),
      late(4, 0, { total: -40 }),
      late(5, 0, { type: 'advance', total: 7 }),
    ];
    expect(waitingAt(late(6, 0), [], list, 10)).toEqual({ invoices: 6, sales: 107n });
  });

  it('counts to one above the limit and no further', () => {
    const list = Array.from({ length: 20 }, (_, index) => late(index + 1, 0));
    expect(waitingAt(late(21, 0), [], list, 5).invoices).toBe(6);
  });
});

describe('the stretch of a journal that has to be read', () => {
  it('goes back from its oldest invoice as far as the limit, and to its newest', () => {
    const stretch = stretchOf([late(30, 500), late(28, 300), late(29, 400)], 20);
    expect(stretch).toMatchObject({ fromCounter: 8, beforeCounter: 30, registeredAfter: 300 });
  });

  it('never goes back further than ten thousand counters', () => {
    expect(stretchOf([late(50_000, 0)], Number.MAX_SAFE_INTEGER).fromCounter).toBe(40_000);
  });
});
