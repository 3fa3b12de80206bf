import type { TaxTerms } from '../invoice/tax-arithmetic.js';
import type { TaxRate } from './parameters.js';

/** Rates in force on a business day, one for each category. Of two that overlap, the one that began later counts. */
export function ratesOnDay(rates: readonly TaxRate[], businessDay: string): TaxTerms[] {
  const inForce = rates.filter(({ from, until }) => from <= businessDay && (until === null || businessDay <= until));
  const oldestFirst = inForce.toSorted((a, b) => (a.from < b.from ? -1 : Number(a.from > b.from)));
  return [...new Map(oldestFirst.map((rate) => [rate.category, termsOf(rate)])).values()];
}

function termsOf({ category, rate, levy }: TaxTerms): TaxTerms {
  return levy === undefined ? { category, rate } : { category, rate, levy };
}

/** A rate in its shortest spelling: "20.00", "20.0" and "20" are one rate. */
export function plainRate(rate: string): string {
  return rate.includes('.') ? rate.replace(/\.?0+$/, '') : rate;
}

/** Whether two rates are the same number, however they are written. */
export function isSameRate(one: string, other: string): boolean {
  return plainRate(one) === plainRate(other);
}
