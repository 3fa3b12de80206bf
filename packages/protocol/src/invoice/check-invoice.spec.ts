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

  it('stays quick with 10,000 lines of as many categories', () => {
    const lines = Array.from({ length: 10_000 }, (_, index) => line({ taxCategory: `c${index}` }));
    const begun = performance.now();
    expect(code(makeInvoice({ lines, taxes: [] }))).toBe('tax_arithmetic');
    // Quadratic, it would take minutes; it takes 20 ms, and more on a busy machine.
    expect(performance.now() - begun).toBeLessThan(10_000);
  });
});
