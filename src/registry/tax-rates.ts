import type { TaxRate } from '@tax-control/protocol';

/** How a new rate (dates: `YYYY-MM-DD`; `until` null: open) fits in between those of its category. */
export type Fit =
  | {
      readonly fits: true;
      /** The new rate with its last day. */
      readonly rate: TaxRate;
      /** The rate in force until now, which ends the day before. */
      readonly ended: TaxRate | null;
    }
  | { readonly fits: false; readonly inTheWay: TaxRate };

const DAY_MS = 24 * 60 * 60 * 1000;
const DATE_LENGTH = 10;

function dayBefore(date: string): string {
  return new Date(Date.parse(date) - DAY_MS).toISOString().slice(0, DATE_LENGTH);
}

/** Whether a text is a day of the calendar, `YYYY-MM-DD`. */
export function isDate(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/**
 * Fits a rate in between the rates of its category, so that every day has at most one: an open rate before it ends the
 * day before, and a new rate without end ends before the next one begins. Everything else that overlaps is in the way.
 */
export function fitTaxRate(rate: TaxRate, others: readonly TaxRate[]): Fit {
  const before = others.filter((other) => other.from < rate.from);
  const after = others.filter((other) => other.from >= rate.from).sort((a, b) => a.from.localeCompare(b.from));
  const next = after[0];
  if (next !== undefined && (next.from === rate.from || (rate.until !== null && rate.until >= next.from)))
    return { fits: false, inTheWay: next };
  const overlapping = before.find((other) => other.until === null || other.until >= rate.from);
  // A rate whose end was written down is somebody's decision; it is not shortened unasked.
  if (overlapping !== undefined && overlapping.until !== null) return { fits: false, inTheWay: overlapping };
  return {
    fits: true,
    rate: { ...rate, until: rate.until ?? (next === undefined ? null : dayBefore(next.from)) },
    ended: overlapping === undefined ? null : { ...overlapping, until: dayBefore(rate.from) },
  };
}

/** The rate that ended the day before a removed one began, as it goes on without it; null when there is none. */
export function rateThatGoesOn(removed: TaxRate, others: readonly TaxRate[]): TaxRate | null {
  const before = others.find((other) => other.until === dayBefore(removed.from));
  return before === undefined ? null : { ...before, until: removed.until };
}
