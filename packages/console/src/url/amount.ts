import { currencyDigits } from '../format/format.js';

/**
 * An amount as people write it (`12.50`, `-3`), in the smallest unit of a currency.
 * @returns null when it is no amount, or has more digits than the currency
 */
export function smallestOf(text: string, currency: string): number | null {
  const match = /^(-?)(\d{1,13})(?:\.(\d+))?$/.exec(text.trim());
  if (match === null) return null;
  const [, sign = '', whole = '', fraction = ''] = match;
  const digits = currencyDigits(currency);
  if (fraction.length > digits) return null;
  const value = Number(`${sign}${whole}${fraction.padEnd(digits, '0')}`);
  return Number.isSafeInteger(value) ? value : null;
}
