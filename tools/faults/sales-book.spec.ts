import { describe, expect, it } from 'vitest';
import { type Printed, SalesBook } from './sales-book.js';

const SALE: Printed = { saleId: 's', terminalId: 't', invoiceId: 'i', total: 1, code: null, receiptJws: null, at: 0 };
const CODED: Printed = { ...SALE, code: '1', receiptJws: 'a.b.c' };

function bookOf(...notes: readonly [printed: Printed, isSetBack?: boolean][]): SalesBook {
  const book = new SalesBook();
  for (const [printed, isSetBack = false] of notes) book.note(printed, isSetBack);
  return book;
}

describe('a book of sales', () => {
  it('keeps the last that is known of a sale', () => {
    const book = bookOf([SALE], [SALE], [CODED], [CODED]);
    expect(book.faults).toEqual([]);
    expect(book.all).toEqual([CODED]);
    expect(book.repeated).toBe(3);
  });

  it.each<[what: string, next: Printed]>([
    ['another invoice', { ...CODED, invoiceId: 'other' }],
    ['another code', { ...CODED, code: '2' }],
    ['no code any more', SALE],
  ])('finds a sale that has %s', (_what, next) => {
    expect(bookOf([CODED], [next]).faults).toHaveLength(1);
  });

  it('keeps both invoices of a sale that was signed anew because the till’s disk was set back', () => {
    const again = { ...SALE, invoiceId: 'other' };
    const book = bookOf([CODED], [again, true]);
    expect(book.faults).toEqual([]);
    expect(book.all).toEqual([again, CODED]);
  });

  it('does not let a till that has forgotten the code take it from the paper', () => {
    const book = bookOf([CODED], [SALE, true]);
    expect(book.faults).toEqual([]);
    expect(book.all).toEqual([CODED]);
    expect(bookOf([CODED], [{ ...CODED, code: '2' }, true]).faults).toHaveLength(1);
  });
});
