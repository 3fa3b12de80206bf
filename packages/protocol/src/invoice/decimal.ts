/**
 * Exact arithmetic on decimal strings. A decimal is a whole number of `digits` and the power of ten (`scale`) that divides it:
 * "-2.50" is −250 / 10^2. No floating point fraction ever arises.
 */
export interface Decimal<Whole extends number | bigint> {
  readonly digits: Whole;
  readonly scale: number;
}

/** Letters of a decimal whose digits are surely a safe integer (15 digits are below 2^53). */
const SAFE_LENGTH_MAX = 15;

/** The decimal in plain numbers, where its digits are surely safe; null for long ones, which need {@link bigDecimal}. */
export function smallDecimal(text: string): Decimal<number> | null {
  if (text.length > SAFE_LENGTH_MAX) return null;
  const point = text.indexOf('.');
  if (point < 0) return { digits: Number(text), scale: 0 };
  return { digits: Number(text.slice(0, point) + text.slice(point + 1)), scale: text.length - point - 1 };
}

/** The decimal in whole numbers of any size. */
export function bigDecimal(text: string): Decimal<bigint> {
  const point = text.indexOf('.');
  if (point < 0) return { digits: BigInt(text), scale: 0 };
  return { digits: BigInt(text.slice(0, point) + text.slice(point + 1)), scale: text.length - point - 1 };
}

/** 10^exponent, for the exponents that two decimals of nine places can make (18); above 15 it is no safe number. */
export function powerOfTen(exponent: number): number {
  return POWERS_OF_TEN[exponent] ?? 10 ** exponent;
}

const POWERS_OF_TEN = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/** The quotient as whole number, half away from zero: 2.5 → 3, −2.5 → −3. The denominator is positive. */
export function roundedQuotient(numerator: bigint, denominator: bigint): bigint {
  const doubled = (magnitude(numerator) * 2n + denominator) / (denominator * 2n);
  return numerator < 0n ? -doubled : doubled;
}

export function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** The number, where it is a safe one; null beyond ±(2^53 − 1). */
export function safeNumber(value: bigint): number | null {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : null;
}
