import { bigDecimal, magnitude, powerOfTen, roundedQuotient, smallDecimal } from './decimal.js';
import type { InvoiceLine } from './invoice-schema.js';

/** What a line's amount is computed from. */
export type LineFactors = Pick<InvoiceLine, 'quantity' | 'unitPrice' | 'discount'>;

/** Whether amount and quantity × unitPrice − discount differ by at most one unit: tills may round as they please. */
export function isLineAmount(amount: number, line: LineFactors): boolean {
  return isSmallLineAmount(amount, line) ?? isBigLineAmount(amount, line);
}

/** In plain numbers; null where one of them might not be exact. */
function isSmallLineAmount(amount: number, { quantity, unitPrice, discount = 0 }: LineFactors): boolean | null {
  const count = smallDecimal(quantity);
  const price = smallDecimal(unitPrice);
  if (count === null || price === null) return null;
  const unit = powerOfTen(count.scale + price.scale);
  const product = count.digits * price.digits;
  const stated = (amount + discount) * unit;
  // A sum, product or difference of whole numbers that comes out safe is exact; unit is a factor of `stated` and must be, too.
  const difference = Math.abs(stated - product);
  const largest = Math.max(Math.abs(amount + discount), Math.abs(stated), Math.abs(product), difference, unit);
  return largest <= Number.MAX_SAFE_INTEGER ? difference <= unit : null;
}

function isBigLineAmount(amount: number, line: LineFactors): boolean {
  const { numerator, unit } = exactLine(line);
  return magnitude(BigInt(amount) * unit - numerator) <= unit;
}

/** quantity × unitPrice − discount as a whole number of smallest units, half away from zero. */
export function lineAmount(line: LineFactors): bigint {
  const { numerator, unit } = exactLine(line);
  return roundedQuotient(numerator, unit);
}

function exactLine({ quantity, unitPrice, discount = 0 }: LineFactors): { numerator: bigint; unit: bigint } {
  const count = bigDecimal(quantity);
  const price = bigDecimal(unitPrice);
  const unit = 10n ** BigInt(count.scale + price.scale);
  return { numerator: count.digits * price.digits - BigInt(discount) * unit, unit };
}
