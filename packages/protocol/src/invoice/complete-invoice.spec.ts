import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeInvoice, makeLine } from '../testing/index.js';
import { checkInvoice } from './check-invoice.js';
import { type ArithmeticDraft, completeArithmetic, type LineDraft } from './complete-invoice.js';
import type { Invoice, InvoiceTax } from './invoice-schema.js';
import { groupLines, TaxFinder } from './line-groups.js';
import { taxShares, type TaxTerms } from './tax-arithmetic.js';
import { encodeInvoice } from './sign-invoice.js';
import { readInvoicePayload } from './read-invoice.js';

const RATES: readonly TaxTerms[] = [
  { category: 'standard', rate: '20' },
  { category: 'reduced', rate: '5.5' },
  { category: 'zero', rate: '0' },
  { category: 'odd', rate: '33.3333' },
];
/** Two that the tax is charged on, too, and two beside it. */
const LEVIES: readonly TaxTerms[] = [
  { category: 'bottles', rate: '2.5', levy: 'taxed' },
  { category: 'forest', rate: '0.0003', levy: 'taxed' },
  { category: 'city', rate: '3', levy: 'untaxed' },
  { category: 'nothing', rate: '0', levy: 'untaxed' },
];

const line = (quantity: string, unitPrice: string, more: Partial<LineDraft> = {}): LineDraft => ({
  type: 'goods',
  description: 'Tea',
  quantity,
  unitPrice,
  taxCategory: 'standard',
  ...more,
});
const draft = (lines: LineDraft[], more: Partial<ArithmeticDraft> = {}): ArithmeticDraft => ({
  priceBasis: 'gross',
  lines,
  ...more,
});
/** One list for all lines. */
const complete = (of: ArithmeticDraft, rates: readonly TaxTerms[]) =>
  completeArithmetic(of, { of: () => rates, ever: rates });
const code = (of: ArithmeticDraft) => {
  const completion = complete(of, RATES);
  return completion.ok ? 'ok' : completion.problem.code;
};

const totalOf = (taxes: readonly InvoiceTax[]) =>
  taxes.reduce(
    (sum, { base, amount, levy }) => sum + (levy === undefined ? base : 0) + (levy === 'taxed' ? 0 : amount),
    0,
  );

/** The taxes of an invoice as somebody makes them who rounds each line. */
function roundedByLine({ lines, taxes, priceBasis }: Invoice): InvoiceTax[] {
  const finder = new TaxFinder(taxes);
  const sums = new Map(taxes.map((tax) => [tax, { base: 0n, amount: 0n }]));
  const add = (tax: InvoiceTax, base: bigint, amount: bigint): void => {
    const sum = sums.get(tax) ?? { base: 0n, amount: 0n };
    sums.set(tax, { base: sum.base + base, amount: sum.amount + amount });
  };
  for (const one of lines)
    for (const group of groupLines([one])) {
      const search = finder.taxesOf(group, () => ({ pointer: '', detail: '' }));
      if (!search.ok) throw new Error(JSON.stringify(search.faults));
      const { tax, levies } = search.found;
      const shares = taxShares(BigInt(group.sum), tax, levies, priceBasis);
      add(tax, shares.base, shares.amount);
      for (const [index, levy] of levies.entries()) add(levy, shares.leviesBase, shares.levies[index] ?? 0n);
    }
  return [...sums].map(([tax, { base, amount }]) => ({ ...tax, base: Number(base), amount: Number(amount) }));
}

describe('completeArithmetic', () => {
  it('computes amounts, taxes and total, half away from zero', () => {
    const lines = [line('0.5', '5'), line('-0.5', '5', { taxCategory: 'zero' }), line('2', '600')];
    expect(complete(draft(lines), RATES)).toEqual({
      ok: true,
      lines: [
        { ...lines[0], amount: 3 },
        { ...lines[1], amount: -3 },
        { ...lines[2], amount: 1_200 },
      ],
      taxes: [
        { category: 'standard', rate: '20', base: 1_002, amount: 201 },
        { category: 'zero', rate: '0', base: -3, amount: 0 },
      ],
      total: 1_200,
    });
  });

  it('adds taxes to net prices, and rounding lines to the total', () => {
    const { taxCategory: _, ...rounding } = line('1', '-2', { type: 'rounding' });
    expect(complete(draft([line('1', '1000'), rounding], { priceBasis: 'net' }), RATES)).toMatchObject({
      taxes: [{ base: 1_000, amount: 200 }],
      total: 1_198,
    });
  });

  describe('two taxes on one line', () => {
    const lines = [line('1', '12800', { levies: [{ category: 'city' }] })];
    const rates: TaxTerms[] = [
      { category: 'standard', rate: '25' },
      { category: 'city', rate: '3', levy: 'untaxed' },
      { category: 'bottles', rate: '10', levy: 'taxed' },
    ];

    it('are charged on the same price, where the levy is not taxed', () => {
      expect(complete(draft(lines), rates)).toMatchObject({
        taxes: [
          { category: 'standard', rate: '25', base: 10_000, amount: 2_500 },
          { category: 'city', rate: '3', base: 10_000, amount: 300, levy: 'untaxed' },
        ],
        total: 12_800,
      });
      const net = [line('1', '10000', { levies: [{ category: 'city' }] })];
      expect(complete(draft(net, { priceBasis: 'net' }), rates)).toMatchObject({ total: 12_800 });
    });

    it('are charged one on the other, where it is', () => {
      const taxed = [line('1', '10000', { levies: [{ category: 'bottles' }, { category: 'city' }] })];
      expect(complete(draft(taxed, { priceBasis: 'net' }), rates)).toMatchObject({
        taxes: [
          { category: 'standard', base: 11_000, amount: 2_750 },
          { category: 'bottles', base: 10_000, amount: 1_000, levy: 'taxed' },
          { category: 'city', base: 10_000, amount: 300, levy: 'untaxed' },
        ],
        total: 14_050,
      });
      const gross = [{ ...taxed[0]!, unitPrice: '14050' }];
      expect(complete(draft(gross), rates)).toMatchObject({
        taxes: [
          { base: 11_000, amount: 2_750 },
          { base: 10_000, amount: 1_000 },
          { base: 10_000, amount: 300 },
        ],
        total: 14_050,
      });
    });

    it('point to the levy that nobody knows', () => {
      const completion = complete(draft([line('1', '1', { levies: [{ category: 'standard' }] })]), rates);
      expect(completion).toMatchObject({
        ok: false,
        problem: {
          errors: [
            {
              pointer: '/lines/0/levies/0/category',
              detail: 'No rate is in force for levy "standard". Levies that have one: bottles, city.',
            },
          ],
        },
      });
    });
  });

  describe('two rates of one category', () => {
    const exchange = [line('-1', '11900', { taxRate: '19' }), line('1', '23200')];
    const rates = [{ category: 'standard', rate: '16' }];

    it('stand in two rows, and each line says which is its own', () => {
      expect(complete(draft(exchange), rates)).toMatchObject({
        ok: true,
        lines: [{ taxRate: '19' }, { taxRate: '16' }],
        taxes: [
          { category: 'standard', rate: '19', base: -10_000, amount: -1_900 },
          { category: 'standard', rate: '16', base: 20_000, amount: 3_200 },
        ],
        total: 11_300,
      });
    });

    it('are one where they are the same number', () => {
      const same = [line('-1', '11900', { taxRate: '16.0' }), line('1', '23200')];
      expect(complete(draft(same), rates)).toMatchObject({ taxes: [{ rate: '16', base: 9_741 }] });
    });

    it('must be told apart by the line, where both may be meant', () => {
      const completion = complete(draft([line('-1', '11900')]), [...rates, { category: 'standard', rate: '19' }]);
      expect(completion).toMatchObject({
        ok: false,
        problem: { errors: [{ pointer: '/lines/0/taxRate', detail: 'Is missing: standard has 16 %, 19 %.' }] },
      });
    });

    it('of a levy, too', () => {
      const levied = [
        line('-1', '10000', { levies: [{ category: 'city', rate: '4' }] }),
        line('1', '10000', { levies: [{ category: 'city' }] }),
      ];
      expect(complete(draft(levied, { priceBasis: 'net' }), [...RATES, ...LEVIES])).toMatchObject({
        lines: [{ levies: [{ rate: '4' }] }, { levies: [{ rate: '3' }] }],
        taxes: [
          { amount: 0 },
          { rate: '4', amount: -400, levy: 'untaxed' },
          { rate: '3', amount: 300, levy: 'untaxed' },
        ],
      });
    });
  });

  it('keeps what is given', () => {
    const taxes = [{ category: 'standard', rate: '17.5', base: 1, amount: 2 }];
    const given = draft([line('1', '100', { amount: 7 })], { taxes, total: 9 });
    expect(complete(given, RATES)).toMatchObject({ lines: [{ amount: 7 }], taxes, total: 9 });
  });

  it('says so when a category has no rate, or a draft cannot be computed with', () => {
    expect(code(draft([line('1', '1', { taxCategory: 'unheard' })]))).toBe('tax_arithmetic');
    expect(code(draft([line('1e3', '1')]))).toBe('schema_violation');
    expect(code(draft([line('1', '1', { discount: 0.5 })]))).toBe('schema_violation');
    expect(code(draft([line('1', '1', { amount: Number.NaN })]))).toBe('schema_violation');
    expect(code({ lines: 'none' } as never)).toBe('schema_violation');
    expect(code(draft([line('999999999999999', '999999999999999')]))).toBe('amount_unsafe');
    expect(code(draft([line('9', '999999999999999'), line('9', '999999999999999')]))).toBe('amount_unsafe');
  });

  it('makes nothing that checkInvoice or the schema would refuse', () => {
    const decimal = (whole: number, places: number) =>
      fc
        .tuple(fc.integer({ min: -whole, max: whole }), fc.integer({ min: 0, max: places }), fc.nat(999_999_999))
        .map(([integer, scale, fraction]) =>
          scale === 0 ? String(integer) : `${integer}.${String(fraction).padStart(9, '0').slice(0, scale)}`,
        );
    const drafted = fc.record({
      priceBasis: fc.constantFrom('gross' as const, 'net' as const),
      lines: fc.array(
        fc.oneof(
          {
            weight: 9,
            arbitrary: fc
              .tuple(
                decimal(10_000, 9),
                decimal(1_000_000, 9),
                fc.integer({ min: -500, max: 500 }),
                fc.constantFrom(...RATES.map(({ category }) => category)),
                fc.option(fc.constantFrom('20', '20.0', '16', '0')),
                fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.subarray([...LEVIES])),
              )
              .map(([quantity, unitPrice, discount, taxCategory, taxRate, levies]) =>
                line(quantity, unitPrice, {
                  discount,
                  taxCategory,
                  ...(taxRate !== null && { taxRate }),
                  ...(levies.length > 0 && { levies: levies.map(({ category }) => ({ category })) }),
                }),
              ),
          },
          {
            weight: 1,
            arbitrary: fc.integer({ min: -4, max: 4 }).map((amount): LineDraft => {
              const { taxCategory: _, ...rounding } = line('1', String(amount), { type: 'rounding' });
              return rounding;
            }),
          },
        ),
        { minLength: 1, maxLength: 30 },
      ),
    });
    let withLevies = 0;
    let withRates = 0;
    fc.assert(
      fc.property(drafted, (of) => {
        const completion = complete(of, [...RATES, ...LEVIES]);
        if (!completion.ok) throw new Error(JSON.stringify(completion.problem));
        const { ok: _, ...members } = completion;
        const invoice = makeInvoice({ priceBasis: of.priceBasis, ...members });
        expect(checkInvoice(invoice)).toBeNull();
        expect(readInvoicePayload(encodeInvoice(invoice))).toMatchObject({ ok: true });
        // Whoever rounds line by line is right, too; the customer pays what the gross lines say.
        const taxes = roundedByLine(invoice);
        const total = invoice.total - totalOf(invoice.taxes) + totalOf(taxes);
        expect(checkInvoice({ ...invoice, taxes, total, payments: [{ method: 'cash', amount: total }] })).toBeNull();
        const ofLines = invoice.lines.reduce((sum, { amount }) => sum + amount, 0);
        expect(of.priceBasis === 'net' || invoice.total === ofLines).toBe(true);
        withLevies += invoice.taxes.some(({ levy }) => levy !== undefined) ? 1 : 0;
        withRates += invoice.lines.some(({ taxRate }) => taxRate !== undefined) ? 1 : 0;
      }),
    );
    expect(Math.min(withLevies, withRates)).toBeGreaterThan(0);
  });

  it('agrees with the builder of test invoices', () => {
    const invoice = makeInvoice({ lines: [makeLine(0), makeLine(1)] });
    expect(complete(invoice, RATES)).toMatchObject({ ok: true, total: invoice.total });
  });

  it('points to the line whose category has no rate, and names those that have one', () => {
    const completion = complete(draft([line('1', '5'), line('1', '5', { taxCategory: 'standart' })]), RATES);
    expect(completion).toMatchObject({
      ok: false,
      problem: {
        code: 'tax_arithmetic',
        errors: [
          {
            pointer: '/lines/1/taxCategory',
            detail:
              'No rate is in force for category "standart". Categories that have one: odd, reduced, standard, zero.',
          },
        ],
      },
    });
  });
});
