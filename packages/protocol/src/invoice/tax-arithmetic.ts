import { bigDecimal, magnitude, roundedQuotient, smallDecimal, powerOfTen } from './decimal.js';
import type { Invoice } from './invoice-schema.js';

export type PriceBasis = Invoice['priceBasis'];

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

/** The rate's share of the lines' sum, half away from zero. */
export function taxAmount(sum: bigint, rate: string, basis: PriceBasis): bigint {
  return roundedQuotient(sum * bigDecimal(rate).digits, divisor(rate, basis));
}

function divisor(rate: string, basis: PriceBasis): bigint {
  const { digits, scale } = bigDecimal(rate);
  return BigInt(PER_CENT) * 10n ** BigInt(scale) + (basis === 'gross' ? digits : 0n);
}
