import { bigDecimal, magnitude, powerOfTen, roundedQuotient, smallDecimal } from './decimal.js';
import type { InvoiceLine } from './invoice-schema.js';

/** What a line's amount is computed from. */
export type LineFactors = Pick<InvoiceLine, 'quantity' | 'unitPrice' | 'discount'>;

/**
 * Whether the amount is quantity × unitPrice − discount, as far as the quantity tells. Tills may round as they please: one unit. A quantity
 * with decimals was measured and rounded itself, and the label's price was made of what the scale knew better (0.309 kg at 39.99 are
 * 12.34 on the label, 12.36 by what is printed): half a unit of its last digit, times the price.
 */
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
  const measured = count.scale > 0 ? Math.abs(price.digits) : 0;
  // A sum, product or difference of whole numbers that comes out safe is exact; unit is a factor of `stated` and must be, too.
  const difference = 2 * Math.abs(stated - product);
  const allowed = 2 * unit + measured;
  const largest = Math.max(Math.abs(amount + discount), Math.abs(stated), Math.abs(product), difference, allowed);
  return largest <= Number.MAX_SAFE_INTEGER ? difference <= allowed : null;
}

function isBigLineAmount(amount: number, line: LineFactors): boolean {
  const { numerator, unit } = exactLine(line);
  const measured = bigDecimal(line.quantity).scale > 0 ? magnitude(bigDecimal(line.unitPrice).digits) : 0n;
  return 2n * magnitude(BigInt(amount) * unit - numerator) <= 2n * unit + measured;
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
