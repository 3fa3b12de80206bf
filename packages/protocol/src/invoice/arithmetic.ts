import type { Fault } from '../catalogue/problems.js';
import { FAULTS_MAX } from '../json/scan-json.js';
import type { Invoice, InvoiceLine } from './invoice-schema.js';
import { isLineAmount } from './line-arithmetic.js';
import { isTaxAmount } from './tax-arithmetic.js';

/** Lines of one tax category taken together. */
export interface CategorySum {
  /** Sum of the lines' amounts. */
  sum: number;
  lines: number;
}

/** An invoice's lines by category, and its rounding lines. */
export interface LineSums {
  readonly categories: ReadonlyMap<string, CategorySum>;
  readonly rounding: number;
}

/** What the arithmetic needs of an invoice. */
export type Sums = Pick<Invoice, 'priceBasis' | 'lines' | 'taxes' | 'total' | 'payments'>;

/** Adds up lines; exact where {@link unsafeSums} finds nothing. Lines without category are counted nowhere. */
export function sumLines(lines: readonly Pick<InvoiceLine, 'type' | 'taxCategory' | 'amount'>[]): LineSums {
  const categories = new Map<string, CategorySum>();
  let rounding = 0;
  for (const { type, taxCategory, amount } of lines) {
    if (type === 'rounding') rounding += amount;
    else if (taxCategory !== undefined) {
      const found = categories.get(taxCategory);
      if (found === undefined) categories.set(taxCategory, { sum: amount, lines: 1 });
      else {
        found.sum += amount;
        found.lines += 1;
      }
    }
  }
  return { categories, rounding };
}

/**
 * Lists whose magnitudes add up to more than 2^53 − 1. Judging magnitudes and not sums makes every sum of some of them
 * exact in whatever order it is taken, also by programs whose numbers are IEEE doubles; no real invoice comes near.
 */
export function unsafeSums({ lines, taxes, payments }: Omit<Sums, 'priceBasis' | 'total'>): Fault[] {
  let ofLines = 0;
  let ofTotal = 0;
  let ofPayments = 0;
  for (const { type, amount } of lines) {
    ofLines += Math.abs(amount);
    if (type === 'rounding') ofTotal += Math.abs(amount);
  }
  for (const { base, amount } of taxes) ofTotal += Math.abs(base) + Math.abs(amount);
  for (const { amount } of payments) ofPayments += Math.abs(amount);
  if (Math.max(ofLines, ofTotal, ofPayments) <= Number.MAX_SAFE_INTEGER) return [];
  const faults: Fault[] = [];
  const judge = (pointer: string, sum: number, what: string): void => {
    if (sum > Number.MAX_SAFE_INTEGER) faults.push({ pointer, detail: `${what} add up to more than 2^53 − 1.` });
  };
  judge('/lines', ofLines, 'The magnitudes of the amounts');
  judge('/taxes', ofTotal, 'The magnitudes of bases, amounts and rounding lines');
  judge('/payments', ofPayments, 'The magnitudes of the amounts');
  return faults;
}

/** Lines whose amount is not quantity × unitPrice − discount, within one unit. */
export function lineFaults({ lines }: Sums): Fault[] {
  const faults: Fault[] = [];
  for (const [index, line] of lines.entries()) {
    if (isLineAmount(line.amount, line)) continue;
    faults.push({ pointer: `/lines/${index}/amount`, detail: 'Is not quantity × unitPrice − discount.' });
    if (faults.length === FAULTS_MAX) break;
  }
  return faults;
}

/** What does not fit between lines and taxes. */
export function taxFaults(invoice: Sums, { categories }: LineSums): Fault[] {
  const faults = categoryFaults(invoice);
  for (const category of categories.keys()) {
    if (!invoice.taxes.some((tax) => tax.category === category))
      faults.push({ pointer: '/taxes', detail: `Has no row for category ${category} of the lines.` });
  }
  for (const [index, tax] of invoice.taxes.entries()) {
    const lines = categories.get(tax.category);
    const detail = lines === undefined ? 'No line is of this category.' : taxRowFault(tax, lines, invoice.priceBasis);
    if (detail !== null) faults.push({ pointer: `/taxes/${index}`, detail });
    if (invoice.taxes.findIndex(({ category }) => category === tax.category) !== index)
      faults.push({ pointer: `/taxes/${index}/category`, detail: 'Has a row already; one category has one rate.' });
  }
  return faults.slice(0, FAULTS_MAX);
}

function taxRowFault(tax: Invoice['taxes'][number], lines: CategorySum, basis: Invoice['priceBasis']): string | null {
  const stated = basis === 'gross' ? tax.base + tax.amount : tax.base;
  if (stated !== lines.sum)
    return basis === 'gross'
      ? 'Base and amount are not the sum of the lines.'
      : 'The base is not the sum of the lines.';
  // Nothing of something is not rounded.
  const tolerance = Number(tax.rate) === 0 ? 0 : lines.lines;
  return isTaxAmount(tax.amount, lines.sum, tax.rate, basis, tolerance) ? null : 'The amount is not the rate’s share.';
}

/** Rounding lines have no tax category, all others must have one. */
function categoryFaults({ lines }: Sums): Fault[] {
  const faults: Fault[] = [];
  for (const [index, { type, taxCategory }] of lines.entries()) {
    if ((type === 'rounding') === (taxCategory === undefined)) continue;
    const detail = type === 'rounding' ? 'A rounding line has none.' : 'Is missing.';
    faults.push({ pointer: `/lines/${index}/taxCategory`, detail });
    if (faults.length === FAULTS_MAX) break;
  }
  return faults;
}

/** Whether the total is what taxes and rounding lines add up to. */
export function isTotal({ taxes, total }: Sums, { rounding }: LineSums): boolean {
  let sum = rounding;
  for (const { base, amount } of taxes) sum += base + amount;
  return sum === total;
}

/** Payments that forfeit something and are no vouchers that paid. */
export function forfeitFaults({ payments }: Sums): Fault[] {
  const faults: Fault[] = [];
  for (const [index, { method, amount, forfeited }] of payments.entries()) {
    if (forfeited === undefined || (method === 'voucher' && amount > 0)) continue;
    faults.push({ pointer: `/payments/${index}/forfeited`, detail: 'Only a voucher that pays can forfeit something.' });
    if (faults.length === FAULTS_MAX) break;
  }
  return faults;
}

/** Whether the payments add up to the total. */
export function isPaid({ payments, total }: Sums): boolean {
  let sum = 0;
  for (const { amount } of payments) sum += amount;
  return sum === total;
}
