import { describe, expect, it } from 'vitest';
import type { ShopInvoice } from './shop-invoice.js';
import { toDraft } from './to-draft.js';

const INVOICE: ShopInvoice = {
  saleId: '2010-12-01/536365',
  number: '536365',
  localTime: '2010-12-01 08:26:00',
  customerId: '17850',
  country: 'United Kingdom',
  rows: [
    { stockCode: '85123A', description: 'WHITE HANGING HEART T-LIGHT HOLDER', quantity: 6, unitPricePence: '255' },
    { stockCode: 'POST', description: '', quantity: 1, unitPricePence: '0' },
  ],
};

describe('toDraft', () => {
  it('keeps every row, also one without description and price', () => {
    const draft = toDraft(INVOICE);
    expect(draft).toMatchObject({ kind: 'sale', number: '536365', total: 1530, businessDay: '2010-12-01' });
    expect(draft.lines).toStrictEqual([
      {
        type: 'goods',
        description: 'WHITE HANGING HEART T-LIGHT HOLDER',
        code: '85123A',
        quantity: '6',
        unitPrice: '255',
        amount: 1530,
        taxCategory: 'standard',
      },
      {
        type: 'goods',
        description: '',
        code: 'POST',
        quantity: '1',
        unitPrice: '0',
        amount: 0,
        taxCategory: 'standard',
      },
    ]);
    expect(draft.payments).toStrictEqual([{ method: 'other', amount: 1530 }]);
    expect(draft.buyer).toStrictEqual({ name: 'Customer 17850', address: 'United Kingdom' });
    expect(draft.reference).toBeUndefined();
  });

  it('makes a refund with a reason of a cancellation, and names no buyer where none is known', () => {
    const draft = toDraft({
      ...INVOICE,
      number: 'C536379',
      customerId: '',
      rows: [{ stockCode: 'D', description: 'Discount', quantity: -1, unitPricePence: '2750' }],
    });
    expect(draft).toMatchObject({ kind: 'refund', total: -2750, payments: [{ method: 'other', amount: -2750 }] });
    expect(draft.lines[0]).toMatchObject({ type: 'discount', quantity: '-1', amount: -2750 });
    expect(draft.reference).toStrictEqual({ reason: expect.stringContaining('original') as string });
    expect(draft.buyer).toBeUndefined();
  });

  it('needs no payment where the total is zero', () => {
    const rows = [{ stockCode: '22139', description: 'damages', quantity: -40, unitPricePence: '0' }];
    expect(toDraft({ ...INVOICE, rows })).toMatchObject({ kind: 'sale', total: 0, payments: [] });
  });

  it.each([
    ['2010-12-01 08:26:00', '2010-12-01T08:26:00+00:00'],
    ['2011-07-01 08:26:00', '2011-07-01T08:26:00+01:00'],
    ['2011-03-27 00:59:00', '2011-03-27T00:59:00+00:00'],
    ['2011-03-27 02:01:00', '2011-03-27T02:01:00+01:00'],
  ])('%s in the shop is %s', (localTime, issuedAt) => {
    expect(toDraft({ ...INVOICE, localTime }).issuedAt).toBe(issuedAt);
  });
});
