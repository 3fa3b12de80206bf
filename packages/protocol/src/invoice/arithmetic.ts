import type { Fault } from '../catalogue/problems.js';
import { FAULTS_MAX } from '../json/scan-json.js';
import { magnitude } from './decimal.js';
import type { Invoice, InvoiceTax, LineLevy } from './invoice-schema.js';
import { isLineAmount } from './line-arithmetic.js';
import { groupLines, isRepeated, type LineGroup, TaxFinder, type TaxesOfGroup } from './line-groups.js';
import { isTaxAmount, type PriceBasis, taxShares } from './tax-arithmetic.js';

/** What the arithmetic needs of an invoice. */
export type Sums = Pick<Invoice, 'priceBasis' | 'lines' | 'taxes' | 'total' | 'payments'>;

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

/** A row of the taxes, and what the lines that have it come to. */
interface Row extends InvoiceTax {
  readonly index: number;
  lines: number;
  /** Sum of the lines' amounts. */
  sum: number;
  /** Whether some of the lines have other taxes, too. */
  isShared: boolean;
  /** Of a shared row: the lines' shares, and how far its base may be off them. */
  shares: { base: bigint; amount: bigint };
  baseTolerance: number;
}

/** What does not fit between lines and taxes. */
export function taxFaults(invoice: Sums): Fault[] {
  const faults = [...categoryFaults(invoice), ...repeatedRows(invoice)];
  if (faults.length > 0) return faults.slice(0, FAULTS_MAX);
  const rows = invoice.taxes.map((tax, index): Row => ({
    ...tax,
    index,
    lines: 0,
    sum: 0,
    isShared: false,
    shares: { base: 0n, amount: 0n },
    baseTolerance: 0,
  }));
  const groups = groupLines(invoice.lines);
  const finder = new TaxFinder(rows);
  const hasLevies = groups.some(({ levies }) => levies.length > 0);
  for (const group of groups) {
    const search = finder.taxesOf(group, rowMissing);
    if (search.ok) addGroup(group, search.found, invoice.priceBasis, hasLevies);
    else faults.push(...search.faults);
    if (faults.length >= FAULTS_MAX) break;
  }
  // Which lines have a row is not known before each line has its own.
  if (faults.length > 0) return faults.slice(0, FAULTS_MAX);
  for (const row of rows) {
    const detail = row.lines === 0 ? 'No line has it.' : rowFault(row, invoice.priceBasis);
    if (detail !== null) faults.push({ pointer: `/taxes/${row.index}`, detail });
  }
  if (faults.length === 0 && hasLevies && !isSumOfLines(rows, groups, invoice.priceBasis))
    faults.push({ pointer: '/taxes', detail: 'Bases and amounts are not the sum of the lines.' });
  return faults.slice(0, FAULTS_MAX);
}

function rowMissing({ category, rate }: LineLevy, isLevy: boolean): Fault {
  const at = rate === undefined ? '' : ` at ${rate} %`;
  return { pointer: '/taxes', detail: `Has no row for ${isLevy ? 'levy' : 'category'} ${category}${at} of the lines.` };
}

function repeatedRows({ taxes }: Sums): Fault[] {
  return taxes.flatMap((_, index) =>
    isRepeated(taxes, index)
      ? [{ pointer: `/taxes/${index}/category`, detail: 'Has a row at this rate already.' }]
      : [],
  );
}

/** Adds the lines of a group to the rows of its taxes. The shares are reckoned only where somewhere there is a levy. */
function addGroup(
  { sum, lines }: LineGroup,
  { tax, levies }: TaxesOfGroup<Row>,
  basis: PriceBasis,
  hasLevies: boolean,
): void {
  const isShared = levies.length > 0;
  for (const row of [tax, ...levies]) {
    row.lines += lines;
    row.sum += sum;
    row.isShared ||= isShared;
  }
  if (!hasLevies) return;
  const shares = taxShares(BigInt(sum), tax, levies, basis);
  const taxedLevies = levies.filter(({ levy }) => levy === 'taxed').length;
  tax.shares.base += shares.base;
  tax.shares.amount += shares.amount;
  // A base that is the rest of a rounded whole is off by as much as the amounts that were taken away.
  tax.baseTolerance += lines * (basis === 'gross' ? 1 + levies.length : taxedLevies);
  for (const [index, levy] of levies.entries()) {
    levy.shares.base += shares.leviesBase;
    levy.shares.amount += shares.levies[index] ?? 0n;
    levy.baseTolerance += basis === 'gross' ? lines * (1 + levies.length) : 0;
  }
}

function rowFault(row: Row, basis: PriceBasis): string | null {
  // Nothing of something is not rounded.
  const tolerance = Number(row.rate) === 0 ? 0 : row.lines;
  if (row.isShared) {
    if (magnitude(BigInt(row.base) - row.shares.base) > BigInt(row.baseTolerance))
      return 'The base is not what the lines come to.';
    return magnitude(BigInt(row.amount) - row.shares.amount) > BigInt(tolerance)
      ? 'The amount is not the rate’s share.'
      : null;
  }
  const stated = basis === 'gross' ? row.base + row.amount : row.base;
  if (stated !== row.sum)
    return basis === 'gross'
      ? 'Base and amount are not the sum of the lines.'
      : 'The base is not the sum of the lines.';
  return isTaxAmount(row.amount, row.sum, row.rate, basis, tolerance) ? null : 'The amount is not the rate’s share.';
}

/** Whether rows that share lines leave none of their money out, to the very unit. */
function isSumOfLines(rows: readonly Row[], groups: readonly LineGroup[], basis: PriceBasis): boolean {
  let expected = 0;
  let stated = 0;
  for (const { sum } of groups) expected += sum;
  for (const { base, amount, levy } of rows) {
    if (levy === undefined) stated += basis === 'gross' ? base + amount : base;
    else if (basis === 'gross' && levy === 'untaxed') stated += amount;
    else if (basis === 'net' && levy === 'taxed') expected += amount;
  }
  return stated === expected;
}

/** Rounding lines have no tax; all others must have a category. */
function categoryFaults({ lines }: Sums): Fault[] {
  const faults: Fault[] = [];
  for (const [index, { type, taxCategory, taxRate, levies }] of lines.entries()) {
    const fault = (member: string, detail: string): void => {
      faults.push({ pointer: `/lines/${index}/${member}`, detail });
    };
    if (type !== 'rounding') {
      if (taxCategory === undefined) fault('taxCategory', 'Is missing.');
    } else {
      if (taxCategory !== undefined) fault('taxCategory', 'A rounding line has none.');
      if (taxRate !== undefined) fault('taxRate', 'A rounding line has none.');
      if (levies !== undefined) fault('levies', 'A rounding line has none.');
    }
    if (faults.length >= FAULTS_MAX) break;
  }
  return faults;
}

/** Whether the total is what taxes and rounding lines add up to. The base of a tax has its taxed levies in it. */
export function isTotal({ lines, taxes, total }: Sums): boolean {
  let sum = 0;
  for (const { type, amount } of lines) if (type === 'rounding') sum += amount;
  for (const { base, amount, levy } of taxes) {
    if (levy === undefined) sum += base + amount;
    else if (levy === 'untaxed') sum += amount;
  }
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
