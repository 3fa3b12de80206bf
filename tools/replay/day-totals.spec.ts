import { expect, it } from 'vitest';
import { sumOfDays, totalsOfDrafts } from './day-totals.js';
import { toDraft } from './to-draft.js';

function draft(number: string, localTime: string, ...pence: number[]) {
  const rows = pence.map((price) => ({
    stockCode: 'A',
    description: '',
    quantity: Math.sign(price),
    unitPricePence: String(Math.abs(price)),
  }));
  return toDraft({ saleId: number, number, localTime, customerId: '', country: '', rows });
}

it('sums sales and refunds by day', () => {
  const days = totalsOfDrafts([
    draft('3', '2010-12-02 08:00:00', 100),
    draft('1', '2010-12-01 08:00:00', 250, 50),
    draft('C2', '2010-12-01 09:00:00', -120),
    draft('4', '2010-12-02 08:00:00', 0),
  ]);
  expect(days).toStrictEqual([
    { day: '2010-12-01', invoices: 2, refunds: 1, lines: 3, sold: 300, refunded: -120, total: 180 },
    { day: '2010-12-02', invoices: 2, refunds: 0, lines: 2, sold: 100, refunded: 0, total: 100 },
  ]);
  expect(sumOfDays(days)).toStrictEqual({ invoices: 4, refunds: 1, lines: 5, sold: 400, refunded: -120, total: 280 });
});
