import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeInvoice, makeLine } from '../testing/index.js';
import { cashRoundingMax, roundingOf } from './cash-rounding.js';
import { goodsOf, hasWrongSign } from './goods.js';
import { headOf } from './invoice-head.js';
import type { InvoiceLine, InvoiceTax } from './invoice-schema.js';

const line = (amount: number, more: Partial<InvoiceLine> = {}): InvoiceLine => ({
  ...makeLine(),
  quantity: '1',
  unitPrice: String(amount),
  amount,
  ...more,
});
const rounding = (amount: number): InvoiceLine => {
  const { taxCategory: _none, ...rest } = line(amount, { type: 'rounding' });
  return rest;
};
const goods = (...lines: InvoiceLine[]) => goodsOf(makeInvoice({ lines }));
const sides = (...lines: InvoiceLine[]) => {
  const { sold, returned } = goods(...lines);
  return [sold, returned];
};

describe('what was sold and what came back', () => {
  it('are positive and negative lines, without rounding ones', () => {
    expect(sides(line(1_200), line(-100, { type: 'deposit' }))).toEqual([1_200, 100]);
    expect(goods(line(499), rounding(1))).toEqual({ sold: 499, returned: 0, lines: 1, isExact: true });
  });

  it('are less by their discounts, in a refund as in a sale', () => {
    expect(sides(line(23_900), line(-5_975, { type: 'discount' }))).toEqual([17_925, 0]);
    expect(sides(line(-23_900), line(5_975, { type: 'discount' }))).toEqual([0, 17_925]);
    expect(sides(line(23_900), line(-5_975, { type: 'discount' }), line(-100))).toEqual([17_925, 100]);
  });

  it('of a discount alone is money that goes back', () => {
    expect(sides(line(-500, { type: 'discount' }))).toEqual([0, 500]);
    expect(sides(line(500, { type: 'discount' }))).toEqual([500, 0]);
  });

  it('have the tax that comes on top of them', () => {
    const net = (...lines: InvoiceLine[]) => goodsOf(makeInvoice({ priceBasis: 'net', lines }));
    expect(net(line(10_000))).toMatchObject({ sold: 12_000, returned: 0, isExact: false });
    expect(net(line(-10_000))).toMatchObject({ sold: 0, returned: 12_000 });
    expect(net(line(10_000), line(-3, { taxCategory: 'reduced' }))).toMatchObject({ sold: 12_000, returned: 3 });
    expect(net(line(10_000), line(-101))).toMatchObject({ sold: 12_000, returned: 121 });
    expect(net(line(10_000, { taxCategory: 'zero' }))).toMatchObject({ sold: 10_000, isExact: true });
  });

  it('have levies, too, and each rate its own', () => {
    const taxes: InvoiceTax[] = [
      { category: 'standard', rate: '25', base: 11_000, amount: 2_750 },
      { category: 'bottles', rate: '10', base: 10_000, amount: 1_000, levy: 'taxed' },
    ];
    const levied = (amount: number) => line(amount, { levies: [{ category: 'bottles' }] });
    const net = (lines: InvoiceLine[], rows = taxes) => goodsOf({ priceBasis: 'net', lines, taxes: rows });
    expect(net([levied(10_000)])).toMatchObject({ sold: 13_750, returned: 0 });
    expect(
      net(
        [levied(-10_000)],
        taxes.map((tax) => ({ ...tax, base: -tax.base, amount: -tax.amount })),
      ),
    ).toMatchObject({
      sold: 0,
      returned: 13_750,
    });
    // Both sides have the row: each has its own share.
    expect(net([levied(11_000), levied(-1_000)])).toMatchObject({ sold: 15_125, returned: 1_375 });
    const rates = [
      { category: 'standard', rate: '19', base: -10_000, amount: -1_900 },
      { category: 'standard', rate: '16', base: 20_000, amount: 3_200 },
    ];
    const exchange = [line(-10_000, { taxRate: '19' }), line(20_000, { taxRate: '16' })];
    expect(net(exchange, rates)).toMatchObject({ sold: 23_200, returned: 11_900 });
    const sidesOf = (lines: InvoiceLine[], rows = rates) => headOf(makeInvoice({ lines, taxes: rows })).rowSides;
    expect(sidesOf(exchange)).toEqual(['returned', 'given']);
    expect(sidesOf([...exchange, line(1, { taxRate: '19' })])).toEqual(['both', 'given']);
    expect(sidesOf([line(-100, { type: 'discount' }), line(500)], rates.slice(1))).toEqual(['given']);
    // A discount that lowers no return, or more than there is, makes none of it.
    const cent = line(-1, { taxRate: '19' });
    expect(sidesOf([cent, line(1_000, { type: 'discount', taxRate: '19' })], rates.slice(0, 1))).toEqual(['both']);
    expect(sidesOf([cent, line(-1_000, { type: 'discount', taxRate: '19' })], rates.slice(0, 1))).toEqual(['both']);
  });

  it('are told for each of several originals', () => {
    const lines = [line(-100, { original: 0 }), line(-250, { original: 1 }), rounding(1)];
    const originals = [{ code: '1'.repeat(20) }, { code: '2'.repeat(20) }];
    const { parts } = headOf(makeInvoice({ kind: 'refund', lines, reference: { originals } }));
    expect(parts).toEqual([
      { original: originals[0], rows: [0], goods: { sold: 0, returned: 100, lines: 1, isExact: true } },
      { original: originals[1], rows: [0], goods: { sold: 0, returned: 250, lines: 1, isExact: true } },
    ]);
    const whole = headOf(makeInvoice({ kind: 'refund', lines: [line(-100), rounding(1)], reference: originals[0]! }));
    expect(whole.parts).toMatchObject([{ original: originals[0], goods: { returned: 100 } }]);
    // With net prices each has the tax of its own lines.
    const net = makeInvoice({ kind: 'refund', priceBasis: 'net', lines: lines.slice(0, 2), reference: { originals } });
    expect(headOf(net).parts).toMatchObject([{ goods: { returned: 120 } }, { goods: { returned: 300 } }]);
  });

  it('are found quickly where 10,000 lines have a hundred rows and take ten originals back', () => {
    const row = (category: string, rate: string, more: Partial<InvoiceTax> = {}): InvoiceTax => ({
      category,
      rate,
      base: 0,
      amount: 0,
      ...more,
    });
    const taxes = [
      ...Array.from({ length: 10 }, (_, index) => row('standard', String(index + 1))),
      ...Array.from({ length: 90 }, (_, index) =>
        row('levy', `${index + 1}.5`, { levy: index % 2 === 0 ? 'taxed' : 'untaxed' }),
      ),
    ];
    const lines = Array.from({ length: 10_000 }, (_, index) =>
      line(-100, {
        original: index % 10,
        taxRate: `${(index % 10) + 1}.0`,
        levies: [0, 1, 2, 3].map((levy) => ({ category: 'levy', rate: `${((index * 7 + levy * 11) % 90) + 1}.50` })),
      }),
    );
    const originals = Array.from({ length: 10 }, (_, index) => ({ code: String(index).repeat(20) }));
    const invoice = makeInvoice({
      kind: 'refund',
      priceBasis: 'net',
      lines,
      taxes,
      total: 0,
      payments: [],
      reference: { originals },
    });
    const begun = performance.now();
    expect(headOf(invoice).parts.map(({ goods: { lines: count } }) => count)).toEqual(originals.map(() => 1_000));
    // Looked up anew for each original they took a minute; they take 0.2 s, and more on a busy machine.
    expect(performance.now() - begun).toBeLessThan(10_000);
  });

  it('differ by what the lines come to, and turn with their signs', () => {
    const lines = fc.array(
      fc.record({
        amount: fc.integer({ min: -5_000, max: 5_000 }),
        type: fc.constantFrom('goods' as const, 'deposit' as const, 'discount' as const, 'rounding' as const),
      }),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(lines, (made) => {
        const of = (sign: 1 | -1) =>
          goods(...made.map(({ amount, type }) => (type === 'rounding' ? rounding : line)(sign * amount, { type })));
        const [plain, turned] = [of(1), of(-1)];
        const sum = made.reduce((all, { amount, type }) => (type === 'rounding' ? all : all + amount), 0);
        expect(plain.sold - plain.returned).toBe(sum);
        expect(Math.min(plain.sold, plain.returned)).toBeGreaterThanOrEqual(0);
        expect([turned.sold, turned.returned]).toEqual([plain.returned, plain.sold]);
      }),
    );
  });

  it('are exact unless something was divided, rounded or reduced', () => {
    expect(goods(line(1_200), line(-100)).isExact).toBe(true);
    for (const divided of [
      { quantity: '0.309' },
      { unitPrice: '219.9' },
      { discount: 1 },
      { type: 'discount' as const },
    ])
      expect(goods(line(1_200), line(100, divided)).isExact).toBe(false);
  });
});

describe('the sign of a refund', () => {
  const of = (...lines: InvoiceLine[]) => ({
    goods: goods(...lines),
    total: lines.reduce((sum, { amount }) => sum + amount, 0),
  });
  const refund = (...lines: InvoiceLine[]) => ({ kind: 'refund' as const, ...of(...lines) });

  it.each([
    ['of a sale is negative', refund(line(-255)), of(line(255)), false],
    ['of a sale is not positive', refund(line(255)), of(line(255)), true],
    ['of a refund is positive', refund(line(255)), of(line(-255)), false],
    ['of a refund is not negative', refund(line(-255)), of(line(-255)), true],
    ['of nothing that can be seen is negative', refund(line(-255)), null, false],
    ['of nothing that can be seen is not positive', refund(line(255)), null, true],
    ['of an exchange at zero may be either', refund(line(500)), of(line(500), line(-500)), false],
    ['of the bottles alone is positive', refund(line(100)), of(line(1_200), line(-100)), false],
    ['of the beer is not positive', refund(line(1_200)), of(line(1_200), line(-100)), true],
    ['of nothing has no sign', refund(line(0)), of(line(255)), false],
  ])('%s', (_what, taker, original, isWrong) => {
    expect(hasWrongSign(taker, original)).toBe(isWrong);
  });

  it('of a void may be either where its original cannot be seen; of a sale it is none', () => {
    expect(hasWrongSign({ ...refund(line(255)), kind: 'void' }, null)).toBe(false);
    expect(hasWrongSign({ ...refund(line(-255)), kind: 'void' }, of(line(-255)))).toBe(true);
    expect(hasWrongSign({ ...refund(line(255)), kind: 'sale' }, null)).toBe(false);
  });
});

describe('cash rounding', () => {
  it('is less than one step of the currency, and five units where none is known', () => {
    const maxima = { CHF: 4, CAD: 4, AUD: 4, EUR: 4, USD: 4, NZD: 9, ILS: 9, PEN: 9, ZAR: 9, DKK: 49, UAH: 49 };
    const whole = { NOK: 99, SEK: 99, CZK: 99, UYU: 99, AMD: 99, HUF: 499, CRC: 999, CLP: 9, QQQ: 4 };
    for (const [currency, max] of Object.entries({ ...maxima, ...whole }))
      expect([currency, cashRoundingMax(currency)]).toEqual([currency, max]);
  });

  it('is what the parameters say, of the currencies that they name', () => {
    expect(cashRoundingMax('CHF', { CHF: 9, EUR: 0 })).toBe(9);
    expect(cashRoundingMax('EUR', { CHF: 9, EUR: 0 })).toBe(0);
    expect(cashRoundingMax('SEK', { CHF: 9, EUR: 0 })).toBe(99);
  });

  it('adds up, whatever the signs of its lines', () => {
    expect(roundingOf([line(100), rounding(2), rounding(-3)])).toBe(5);
  });
});
