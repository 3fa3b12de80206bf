import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeInvoice, makeLine } from '../testing/index.js';
import { checkInvoice } from './check-invoice.js';
import { type ArithmeticDraft, completeArithmetic, type LineDraft } from './complete-invoice.js';
import { encodeInvoice } from './sign-invoice.js';
import { readInvoicePayload } from './read-invoice.js';

const RATES: ReadonlyMap<string, string> = new Map([
  ['standard', '20'],
  ['reduced', '5.5'],
  ['zero', '0'],
  ['odd', '33.3333'],
]);

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
const code = (of: ArithmeticDraft) => {
  const completion = completeArithmetic(of, RATES);
  return completion.ok ? 'ok' : completion.problem.code;
};

describe('completeArithmetic', () => {
  it('computes amounts, taxes and total, half away from zero', () => {
    const lines = [line('0.5', '5'), line('-0.5', '5', { taxCategory: 'zero' }), line('2', '600')];
    expect(completeArithmetic(draft(lines), RATES)).toEqual({
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
    expect(completeArithmetic(draft([line('1', '1000'), rounding], { priceBasis: 'net' }), RATES)).toMatchObject({
      taxes: [{ base: 1_000, amount: 200 }],
      total: 1_198,
    });
  });

  it('keeps what is given', () => {
    const taxes = [{ category: 'standard', rate: '17.5', base: 1, amount: 2 }];
    const given = draft([line('1', '100', { amount: 7 })], { taxes, total: 9 });
    expect(completeArithmetic(given, RATES)).toMatchObject({ lines: [{ amount: 7 }], taxes, total: 9 });
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
                fc.constantFrom(...RATES.keys()),
              )
              .map(([quantity, unitPrice, discount, taxCategory]) =>
                line(quantity, unitPrice, { discount, taxCategory }),
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
    fc.assert(
      fc.property(drafted, (of) => {
        const completion = completeArithmetic(of, RATES);
        if (!completion.ok) throw new Error(completion.problem.code);
        const { ok: _, ...members } = completion;
        const invoice = makeInvoice({ priceBasis: of.priceBasis, ...members });
        expect(checkInvoice(invoice)).toBeNull();
        expect(readInvoicePayload(encodeInvoice(invoice))).toMatchObject({ ok: true });
      }),
    );
  });

  it('agrees with the builder of test invoices', () => {
    const invoice = makeInvoice({ lines: [makeLine(0), makeLine(1)] });
    expect(completeArithmetic(invoice, RATES)).toMatchObject({ ok: true, total: invoice.total });
  });

  it('points to the line whose category has no rate, and names those that have one', () => {
    const completion = completeArithmetic(draft([line('1', '5'), line('1', '5', { taxCategory: 'standart' })]), RATES);
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
