import type { Figure, MoneyFigure } from '@tax-control/protocol/console';
import type { Sum } from './read-sums.js';
import type { FigureName } from './sources.js';

/** What `Of` gives for a period and for the two that it is compared with. */
export interface Compared<Of> {
  readonly value: Of;
  readonly before: Of;
  readonly sameWeekday: Of;
}

/** The sums of one figure, of those whose label fits. */
export function select(
  sums: readonly Sum[],
  figure: FigureName,
  fits: (label: readonly string[]) => boolean = () => true,
): readonly Sum[] {
  return sums.filter((sum) => sum.figure === figure && fits(sum.label));
}

export function timesOf(sums: readonly Sum[]): number {
  return sums.reduce((total, { times }) => total + times, 0);
}

export function amountOf(sums: readonly Sum[]): bigint {
  return sums.reduce((total, { amount }) => total + amount, 0n);
}

export function baseOf(sums: readonly Sum[]): bigint {
  return sums.reduce((total, { base }) => total + base, 0n);
}

/** How often, in each of three periods. */
export function figure<Of>(compared: Compared<Of>, timesIn: (of: Of) => number): Figure {
  return {
    value: timesIn(compared.value),
    before: timesIn(compared.before),
    sameWeekday: timesIn(compared.sameWeekday),
  };
}

/** How much, in each of three periods. */
export function money<Of>(compared: Compared<Of>, amountIn: (of: Of) => bigint): MoneyFigure {
  return {
    value: String(amountIn(compared.value)),
    before: String(amountIn(compared.before)),
    sameWeekday: String(amountIn(compared.sameWeekday)),
  };
}

/** Every label of a figure that occurs in any of three periods, in order; its parts with strokes between them. */
export function labelsOf(compared: Compared<readonly Sum[]>, figureName: FigureName): readonly string[] {
  const all = [...compared.value, ...compared.before, ...compared.sameWeekday];
  return [...new Set(select(all, figureName).map(({ label }) => label.join('/')))].sort();
}
