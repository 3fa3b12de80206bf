import { bigDecimal } from '../invoice/decimal.js';
import type { TaxRate } from './parameters.js';

/** Rates in force on a business day, by category. Of two that overlap, the one that began later counts. */
export function ratesOnDay(rates: readonly TaxRate[], businessDay: string): ReadonlyMap<string, string> {
  const inForce = rates.filter(({ from, until }) => from <= businessDay && (until === null || businessDay <= until));
  const oldestFirst = inForce.toSorted((a, b) => (a.from < b.from ? -1 : Number(a.from > b.from)));
  return new Map(oldestFirst.map(({ category, rate }) => [category, rate]));
}

/** Whether two rates are the same number, however they are written: 20, 20.0. */
export function isSameRate(one: string, other: string): boolean {
  const a = bigDecimal(one);
  const b = bigDecimal(other);
  return a.digits * 10n ** BigInt(b.scale) === b.digits * 10n ** BigInt(a.scale);
}
