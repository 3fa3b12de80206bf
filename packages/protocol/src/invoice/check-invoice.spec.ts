import { describe, expect, it } from 'vitest';
import { makeInvoice, makeInvoiceOfLines, makeLine } from '../testing/index.js';
import { checkInvoice } from './check-invoice.js';
import type { Invoice, InvoiceLine } from './invoice-schema.js';

const code = (invoice: Invoice) => checkInvoice(invoice)?.code ?? 'ok';
const pointers = (invoice: Invoice) => checkInvoice(invoice)?.errors?.map(({ pointer }) => pointer);
const line = (overrides: Partial<InvoiceLine>): InvoiceLine => ({ ...makeLine(), taxCategory: 'zero', ...overrides });
const rounding = (amount: number): InvoiceLine => ({
  type: 'rounding',
  description: 'Rounding',
  quantity: '1',
  unitPrice: String(amount),
  amount,
});

describe('checkInvoice', () => {
  it('takes valid invoices of every sort', () => {
    expect(code(makeInvoice())).toBe('ok');
    expect(code(makeInvoice({ priceBasis: 'net' }))).toBe('ok');
    expect(code(makeInvoiceOfLines(1_114))).toBe('ok');
    expect(code(makeInvoice({ kind: 'refund', reference: { reason: 'no receipt' } }))).toBe('ok');
    expect(code(makeInvoice({ lines: [makeLine(1), rounding(-2)] }))).toBe('ok');
  });

  it('takes totals of zero and below, and an invoice that moves no money without payments', () => {
    const bottles = line({ type: 'deposit', quantity: '-4', unitPrice: '25', amount: -100 });
    expect(code(makeInvoice({ lines: [bottles] }))).toBe('ok');
    expect(code(makeInvoice({ lines: [line({ unitPrice: '0', amount: 0 })], payments: [] }))).toBe('ok');
  });

  describe('lines', () => {
    const lineOf = (quantity: string, unitPrice: string, amount: number, discount?: number) =>
      code(
        makeInvoice({
          lines: [line({ quantity, unitPrice, amount, ...(discount === undefined ? {} : { discount }) })],
        }),
      );

    it('may round as they like, by less than or exactly one unit', () => {
      expect(lineOf('0.333', '1000', 333)).toBe('ok');
      expect(lineOf('0.5', '1', 0)).toBe('ok');
      expect(lineOf('0.5', '1', 1)).toBe('ok');
      expect(lineOf('-0.5', '1', -1)).toBe('ok');
      expect(lineOf('3', '0.5', 1)).toBe('ok');
      expect(lineOf('2', '100', 201)).toBe('ok');
      expect(lineOf('2', '100', 202)).toBe('line_arithmetic');
      expect(lineOf('2.000000001', '100', 199)).toBe('line_arithmetic');
      expect(lineOf('-2', '100', 200)).toBe('line_arithmetic');
    });

    it('count a discount', () => {
      expect(lineOf('2', '100', 150, 50)).toBe('ok');
      expect(lineOf('2', '100', 200, 50)).toBe('line_arithmetic');
    });

    it('stay exact where plain numbers would not', () => {
      expect(lineOf('999999999999999', '9', 8_999_999_999_999_991)).toBe('ok');
      expect(lineOf('999999999999999', '9', 8_999_999_999_999_993)).toBe('line_arithmetic');
      expect(lineOf('123456789.987654321', '1.000000001', 123_456_790)).toBe('ok');
      expect(lineOf('999999999999999.999999999', '999999999999999.999999999', 1)).toBe('line_arithmetic');
      expect(lineOf('1', '0', Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER)).toBe('ok');
    });

    it('are named when wrong', () => {
      const lines = [makeLine(0), { ...makeLine(1), amount: 1 }, { ...makeLine(2), amount: 1 }];
      expect(pointers(makeInvoice({ lines }))).toEqual(['/lines/1/amount', '/lines/2/amount']);
    });
  });

  describe('taxes', () => {
    const hundred = line({ quantity: '1', unitPrice: '12000', amount: 12_000, taxCategory: 'standard' });
    const taxed = (base: number, amount: number, rate = '20', basis: Invoice['priceBasis'] = 'gross', count = 1) =>
      code(
        makeInvoice({
          priceBasis: basis,
          lines: Array.from({ length: count }, () => hundred),
          taxes: [{ category: 'standard', rate, base, amount }],
        }),
      );

    it('hold the rate’s share within one unit for each line', () => {
      expect(taxed(10_000, 2_000)).toBe('ok');
      expect(taxed(9_999, 2_001)).toBe('ok');
      expect(taxed(9_998, 2_002)).toBe('tax_arithmetic');
      expect(taxed(29_997, 6_003, '20', 'gross', 3)).toBe('ok');
      expect(taxed(29_996, 6_004, '20', 'gross', 3)).toBe('tax_arithmetic');
      expect(taxed(12_000, 2_400, '20', 'net')).toBe('ok');
      expect(taxed(12_000, 2_402, '20', 'net')).toBe('tax_arithmetic');
      expect(taxed(10_791, 1_209, '11.2')).toBe('ok');
    });

    it('are none at a rate of zero, however many lines might have been rounded', () => {
      expect(taxed(36_000, 0, '0', 'gross', 3)).toBe('ok');
      expect(taxed(35_997, 3, '0', 'gross', 3)).toBe('tax_arithmetic');
      expect(taxed(36_000, 1, '0.00', 'net', 3)).toBe('tax_arithmetic');
    });

    it('add up exactly to the lines', () => {
      expect(taxed(10_000, 2_001)).toBe('tax_arithmetic');
      expect(taxed(11_999, 2_400, '20', 'net')).toBe('tax_arithmetic');
    });

    it('have one row for each category of the lines, and no other', () => {
      const row = { category: 'standard', rate: '20', base: 10_000, amount: 2_000 };
      const other = { category: 'zero', rate: '0', base: 0, amount: 0 };
      const lines = [hundred];
      expect(pointers(makeInvoice({ lines, taxes: [] }))).toEqual(['/taxes']);
      expect(pointers(makeInvoice({ lines, taxes: [row, other] }))).toEqual(['/taxes/1']);
      expect(pointers(makeInvoice({ lines, taxes: [row, row] }))).toEqual(['/taxes/1/category']);
    });

    it('have one row for each rate of a category, and each line says which is its own', () => {
      const back = line({
        quantity: '-1',
        unitPrice: '11900',
        amount: -11_900,
        taxCategory: 'standard',
        taxRate: '19',
      });
      const sold = { ...hundred, taxRate: '20' };
      const rows = [
        { category: 'standard', rate: '19', base: -10_000, amount: -1_900 },
        { category: 'standard', rate: '20', base: 10_000, amount: 2_000 },
      ];
      const of = (lines: InvoiceLine[], taxes = rows) => pointers(makeInvoice({ lines, taxes }));
      expect(code(makeInvoice({ lines: [back, sold], taxes: rows }))).toBe('ok');
      expect(code(makeInvoice({ lines: [back, { ...sold, taxRate: '20.00' }], taxes: rows }))).toBe('ok');
      expect(of([back, hundred])).toEqual(['/lines/1/taxRate']);
      expect(of([back, { ...sold, taxRate: '21' }])).toEqual(['/taxes']);
      expect(
        of([
          { ...back, taxRate: '20' },
          { ...sold, taxRate: '19' },
        ]),
      ).toEqual(['/taxes/0', '/taxes/1']);
      expect(of([back, sold], [...rows, { ...rows[1]!, rate: '20.0' }])).toEqual(['/taxes/2/category']);
      expect(of([{ ...rounding(1), taxRate: '20' }], [])).toEqual(['/lines/0/taxRate']);
    });

    describe('of a line with levies', () => {
      const levied = (amount: number, levies: string[]): InvoiceLine =>
        line({
          quantity: '1',
          unitPrice: String(amount),
          amount,
          taxCategory: 'standard',
          levies: levies.map((category) => ({ category })),
        });
      const tax = { category: 'standard', rate: '25', base: 10_000, amount: 2_500 };
      const city = { category: 'city', rate: '3', base: 10_000, amount: 300, levy: 'untaxed' as const };
      const bottles = { category: 'bottles', rate: '10', base: 10_000, amount: 1_000, levy: 'taxed' as const };
      const onBottles = { ...tax, base: 11_000, amount: 2_750 };
      const total = (invoice: Partial<Invoice>, sum: number) =>
        makeInvoice({ ...invoice, total: sum, payments: [{ method: 'cash', amount: sum }] });

      it('hold each its share, and together the price', () => {
        expect(code(total({ lines: [levied(12_800, ['city'])], taxes: [tax, city] }, 12_800))).toBe('ok');
        expect(code(total({ lines: [levied(13_750, ['bottles'])], taxes: [onBottles, bottles] }, 13_750))).toBe('ok');
        expect(
          code(total({ lines: [levied(14_050, ['city', 'bottles'])], taxes: [onBottles, bottles, city] }, 14_050)),
        ).toBe('ok');
        const net = { lines: [levied(10_000, ['city', 'bottles'])], taxes: [onBottles, bottles, city] };
        expect(code(total({ ...net, priceBasis: 'net' }, 14_050))).toBe('ok');
        expect(code(total({ ...net, priceBasis: 'net' }, 15_050))).toBe('total_arithmetic');
      });

      it('have no other base, amount, sort or name', () => {
        const of = (taxes: Invoice['taxes'], lines = [levied(12_800, ['city'])]) =>
          pointers(total({ lines, taxes }, 12_800));
        expect(of([tax, city])).toBeUndefined();
        expect(of([{ ...tax, amount: 2_502, base: 9_998 }, city])).toEqual(['/taxes/0']);
        expect(of([tax, { ...city, amount: 302 }])).toEqual(['/taxes/1']);
        expect(of([tax, { ...city, base: 9_990 }])).toEqual(['/taxes/1']);
        // Off by a unit each, they still have to be the whole price.
        expect(
          of([
            { ...tax, base: 9_999 },
            { ...city, amount: 301 },
          ]),
        ).toBeUndefined();
        expect(of([tax, { ...city, amount: 301 }])).toEqual(['/taxes']);
        expect(of([tax, { ...city, levy: 'taxed' }])).toEqual(['/taxes/0', '/taxes/1']);
        const { levy: _, ...noLevy } = city;
        expect(of([tax, noLevy])).toEqual(['/taxes']);
        expect(of([tax, city], [levied(12_800, ['state'])])).toEqual(['/taxes']);
        expect(of([tax, city], [levied(12_800, ['city', 'city'])])).toEqual(['/lines/0/levies/1']);
        expect(of([tax, city], [{ ...levied(12_800, []), levies: [{ category: 'standard' }] }])).toEqual(['/taxes']);
      });

      it('leave the rows exact that share no line', () => {
        const lines = [levied(12_800, ['city']), line({ quantity: '1', unitPrice: '100', amount: 100 })];
        const zero = { category: 'zero', rate: '0', base: 99, amount: 0 };
        expect(pointers(total({ lines, taxes: [tax, city, zero] }, 12_899))).toEqual(['/taxes/2']);
      });
    });

    it('demand a category on every line but rounding ones', () => {
      const { taxCategory, ...uncategorised } = hundred;
      expect(pointers(makeInvoice({ lines: [hundred, uncategorised] }))).toEqual(['/lines/1/taxCategory']);
      expect(pointers(makeInvoice({ lines: [hundred, { ...rounding(1), taxCategory: taxCategory ?? '' }] }))).toEqual([
        '/lines/1/taxCategory',
      ]);
    });
  });

  it('adds rounding lines to the total', () => {
    expect(code(makeInvoice({ lines: [makeLine(0), rounding(2)], total: 257 }))).toBe('ok');
    expect(code(makeInvoice({ lines: [makeLine(0), rounding(2)], total: 255 }))).toBe('total_arithmetic');
  });

  it('wants payments to add up, but of a proforma that has none', () => {
    const change: Invoice['payments'] = [
      { method: 'cash', amount: 2_000 },
      { method: 'cash', amount: -45 },
    ];
    const lines = [makeLine(0), makeLine(3)];
    expect(code(makeInvoice({ lines, payments: change }))).toBe('ok');
    expect(code(makeInvoice({ lines, payments: change.slice(0, 1) }))).toBe('payment_arithmetic');
    expect(code(makeInvoice({ lines, payments: [] }))).toBe('payment_arithmetic');
    expect(code(makeInvoice({ lines, payments: [], type: 'proforma' }))).toBe('ok');
    expect(code(makeInvoice({ lines, payments: change.slice(0, 1), type: 'proforma' }))).toBe('payment_arithmetic');
  });

  it('lets a voucher forfeit what it gives no change for, and nothing else', () => {
    const paid = (payments: Invoice['payments']) =>
      makeInvoice({ lines: [line({ unitPrice: '1150', amount: 1_150 })], payments });
    expect(code(paid([{ method: 'voucher', amount: 1_150, forfeited: 50 }]))).toBe('ok');
    const cash = paid([
      { method: 'voucher', amount: 1_000, forfeited: 1 },
      { method: 'cash', amount: 150, forfeited: 50 },
    ]);
    expect([code(cash), pointers(cash)]).toEqual(['payment_arithmetic', ['/payments/1/forfeited']]);
    const back = [
      { method: 'voucher' as const, amount: -50, forfeited: 50 },
      { method: 'voucher' as const, amount: 1_200 },
    ];
    expect(code(paid(back))).toBe('payment_arithmetic');
  });

  it.each(['refund', 'void'] as const)('wants a %s to name its original or a reason', (kind) => {
    expect(pointers(makeInvoice({ kind }))).toEqual(['/reference']);
    expect(code(makeInvoice({ kind, reference: { code: '1'.repeat(20) } }))).toBe('ok');
  });

  describe('a refund of several originals', () => {
    const one = { terminalId: 'terminal-1', invoiceId: '01926d2b-8c1e-7c3a-9b1d-000000000001' };
    const other = { code: '1'.repeat(20) };
    const back = (original?: number): InvoiceLine =>
      line({ quantity: '-1', unitPrice: '100', amount: -100, ...(original !== undefined && { original }) });
    const refund = (lines: InvoiceLine[], originals: (typeof one | typeof other)[], kind: Invoice['kind'] = 'refund') =>
      makeInvoice({ kind, lines, reference: { originals } });

    it('says by each line which of them it takes back', () => {
      expect(code(refund([back(0), back(1), back(0), rounding(1)], [one, other]))).toBe('ok');
      expect(pointers(refund([back(0), back()], [one, other]))).toEqual([
        '/lines/1/original',
        '/reference/originals/1',
      ]);
      expect(pointers(refund([back(0), back(1), back(2)], [one, other]))).toEqual(['/lines/2/original']);
      expect(pointers(refund([back(0), back(1), { ...rounding(1), original: 0 }], [one, other]))).toEqual([
        '/lines/2/original',
      ]);
      expect(pointers(refund([back(0), back(1)], [one, { ...one }]))).toEqual(['/reference/originals/1']);
      expect(code(refund([back(0), back(1)], [one, other], 'void'))).toBe('reference_missing');
      expect(code(refund([back(0), back(1)], [one, other], 'sale'))).toBe('reference_missing');
    });

    it('is the only one whose lines say so', () => {
      expect(pointers(makeInvoice({ kind: 'refund', lines: [back(0)], reference: one }))).toEqual([
        '/lines/0/original',
      ]);
      expect(pointers(makeInvoice({ lines: [{ ...makeLine(), original: 0 }] }))).toEqual(['/lines/0/original']);
    });
  });

  it('stays quick with 10,000 lines of as many categories', () => {
    const lines = Array.from({ length: 10_000 }, (_, index) => line({ taxCategory: `c${index}` }));
    const begun = performance.now();
    expect(code(makeInvoice({ lines, taxes: [] }))).toBe('tax_arithmetic');
    // Quadratic, it would take minutes; it takes 20 ms, and more on a busy machine.
    expect(performance.now() - begun).toBeLessThan(10_000);
  });
});
