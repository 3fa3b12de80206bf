import { bigDecimal, magnitude, roundedQuotient, smallDecimal, powerOfTen } from './decimal.js';
import type { Invoice, InvoiceTax } from './invoice-schema.js';

export type PriceBasis = Invoice['priceBasis'];

/** A tax as the law has it. `rate`: per cent, as decimal string; `levy`: only of a levy, see `invoiceSchema`. */
export type TaxTerms = Pick<InvoiceTax, 'category' | 'rate' | 'levy'>;

/** Per cent: a rate of 20 is 20 / 100. */
const PER_CENT = 100;

/**
 * Whether a tax amount is the rate's share of the lines' sum, within `tolerance` smallest units.
 * Gross sums contain the tax (share = sum × rate / (100 + rate)), net sums do not (share = sum × rate / 100).
 * @param tolerance one unit for each line of the category, since rounding line by line is legal in most countries; none where the rate is zero
 */
export function isTaxAmount(amount: number, sum: number, rate: string, basis: PriceBasis, tolerance: number): boolean {
  return (
    isSmallTaxAmount(amount, sum, rate, basis, tolerance) ??
    magnitude(BigInt(amount) * divisor(rate, basis) - BigInt(sum) * bigDecimal(rate).digits) <=
      BigInt(tolerance) * divisor(rate, basis)
  );
}

/** In plain numbers; null where one of them might not be exact. */
function isSmallTaxAmount(
  amount: number,
  sum: number,
  rate: string,
  basis: PriceBasis,
  tolerance: number,
): boolean | null {
  const share = smallDecimal(rate);
  if (share === null) return null;
  const whole = PER_CENT * powerOfTen(share.scale) + (basis === 'gross' ? share.digits : 0);
  const stated = amount * whole;
  const exact = sum * share.digits;
  const difference = Math.abs(stated - exact);
  const allowed = tolerance * whole;
  const largest = Math.max(Math.abs(stated), Math.abs(exact), difference, allowed);
  return largest <= Number.MAX_SAFE_INTEGER ? difference <= allowed : null;
}

function divisor(rate: string, basis: PriceBasis): bigint {
  const { digits, scale } = bigDecimal(rate);
  return BigInt(PER_CENT) * 10n ** BigInt(scale) + (basis === 'gross' ? digits : 0n);
}

/** What a sum of lines that have the same taxes divides into, in the smallest unit. */
export interface TaxShares {
  /** Of the tax of the lines' category: what it is charged on, and itself. */
  readonly base: bigint;
  readonly amount: bigint;
  /** Of the levies: the price without any tax, and each of them in the order given. */
  readonly leviesBase: bigint;
  readonly levies: readonly bigint[];
}

/**
 * Divides a sum of lines, each share rounded half away from zero. With the price p, the rate r of the category, the rates t of its taxed
 * levies and u of its untaxed ones: levies p × t and p × u, tax p × (1 + t) × r, and all of them together with p are the gross sum.
 * A gross sum is kept to the unit: the bases are what the taxes leave of it.
 */
export function taxShares(
  sum: bigint,
  tax: Pick<TaxTerms, 'rate'>,
  levies: readonly Pick<TaxTerms, 'rate' | 'levy'>[],
  basis: PriceBasis,
): TaxShares {
  const [rate = 0n, ...levyRates] = onOneScale([tax.rate, ...levies.map((levy) => levy.rate)]);
  const isTaxed = (index: number): boolean => levies[index]?.levy === 'taxed';
  const sumIf = (amounts: readonly bigint[], taxed: boolean): bigint =>
    amounts.reduce((all, one, index) => (isTaxed(index) === taxed ? all + one : all), 0n);
  const withTaxed = ONE + sumIf(levyRates, true);
  const whole = basis === 'gross' ? withTaxed * (ONE + rate) + sumIf(levyRates, false) * ONE : ONE * ONE;
  const amount = roundedQuotient(sum * withTaxed * rate, whole);
  const amounts = levyRates.map((levyRate) => roundedQuotient(sum * ONE * levyRate, whole));
  const taxed = sumIf(amounts, true);
  const base = basis === 'gross' ? sum - amount - sumIf(amounts, false) : sum + taxed;
  return { base, amount, leviesBase: base - taxed, levies: amounts };
}

/** Places of a rate behind its point (`RATE_PATTERN`). */
const RATE_SCALE = 4;
/** 100 per cent on that scale. */
const ONE = BigInt(PER_CENT) * 10n ** BigInt(RATE_SCALE);

function onOneScale(rates: readonly string[]): bigint[] {
  return rates.map((rate) => {
    const { digits, scale } = bigDecimal(rate);
    return digits * 10n ** BigInt(RATE_SCALE - scale);
  });
}
