import { bigDecimal } from '../invoice/decimal.js';
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

/** Whether two rates are the same number, however they are written: 20, 20.0. */
export function isSameRate(one: string, other: string): boolean {
  if (one === other) return true;
  const a = bigDecimal(one);
  const b = bigDecimal(other);
  return a.digits * 10n ** BigInt(b.scale) === b.digits * 10n ** BigInt(a.scale);
}
