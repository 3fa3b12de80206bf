import { minorDigits } from '@tax-control/protocol';

/** A total in its smallest unit has at most 16 digits (2^53); thousands separators and a currency fit beside it. */
export const TOTAL_LENGTH_MAX = 40;

/** What people write before or behind an amount: the currency's letters or sign. */
const CURRENCY_BESIDE = /^[\p{L}\p{Sc}][\p{L}\p{Sc}\s.]*(?=[-\d])|[\p{L}\p{Sc}\s]+$/gu;
const MINUS_SIGNS = /[\u2212\u2010-\u2015]/g;
/** All digits in one, or in threes. */
const WHOLE_AMOUNT = /^-?(\d+|\d{1,3}(?:[.,' ]\d{3})+)$/;
const SEPARATORS = /[.,' ]/g;

/**
 * Reads a total as a customer copies it from paper: `1,234.56`, `1.234,56`, `1234.56`, `£12.50`, `12`, full-width digits. What
 * stands behind the last point or comma are decimals where the currency has that many; else it parts thousands.
 * @returns the amount in the smallest unit; null when it is no amount of this currency
 */
export function readTypedTotal(typed: string, currency: string): number | null {
  if (typed.length > TOTAL_LENGTH_MAX) return null;
  const digits = minorDigits(currency);
  const plain = typed.normalize('NFKC').replaceAll(MINUS_SIGNS, '-').replaceAll(CURRENCY_BESIDE, '').trim();
  const { whole, decimals } = cutDecimals(plain, digits);
  if (!WHOLE_AMOUNT.test(whole) || !/^\d*$/.test(decimals)) return null;
  const amount = Number(`${whole.replaceAll(SEPARATORS, '')}${decimals.padEnd(digits, '0')}`);
  // -0 and 0 are one total.
  return Number.isSafeInteger(amount) ? amount + 0 : null;
}

/** `1.234` is one and a bit in a currency with three decimals, and a thousand and a bit in any other. */
function cutDecimals(plain: string, digits: number): { readonly whole: string; readonly decimals: string } {
  const separator = Math.max(plain.lastIndexOf('.'), plain.lastIndexOf(','));
  const decimals = plain.slice(separator + 1);
  if (separator === -1 || decimals.length > digits) return { whole: plain, decimals: '' };
  return { whole: plain.slice(0, separator) || '0', decimals };
}
