import { LIMITS } from '../limits.js';
import { dateAt, daysBetween } from '../time.js';
import type { Invoice } from './invoice-schema.js';

/** What an invoice says of its time. */
export type SaleTimes = Pick<Invoice, 'issuedAt' | 'businessDay' | 'clockOffsetMs'> & {
  readonly clockBehind?: string | undefined;
};

/** A bar that closes at 03:00 sells for the day before, a shop in the night for the day that begins: one day off at most. */
const BUSINESS_DAYS_OFF_MAX = 1;

/** Times that an invoice can have (`DATE_PATTERN`), with a day to either side for offsets. */
const [FIRST_MS, LAST_MS] = [Date.UTC(1900, 0, 2), Date.UTC(2999, 11, 30)];

/** Whether the till had measured its clock to be wrong. */
export function isClockOff({ clockOffsetMs }: Pick<Invoice, 'clockOffsetMs'>): boolean {
  return Math.abs(clockOffsetMs ?? 0) > LIMITS.clockOffsetMsMax;
}

/**
 * When the sale took place as far as its invoice tells, milliseconds since 1970: a clock that was measured to be wrong is put right; one
 * that was behind a moment that had passed gives that moment, before which the sale cannot have been.
 */
export function momentOfSale({ issuedAt, clockOffsetMs, clockBehind }: SaleTimes): number {
  const told = Date.parse(issuedAt);
  if (clockBehind !== undefined) return Math.max(told, Date.parse(clockBehind));
  if (!isClockOff({ clockOffsetMs })) return told;
  // An offset is the till's word, and may be any number.
  return Math.min(Math.max(told - (clockOffsetMs ?? 0), FIRST_MS), LAST_MS);
}

/**
 * The day (YYYY-MM-DD) whose rates an invoice has: its business day, if that can be believed; else the day of {@link momentOfSale} at the
 * shop. Both sides ask this function, so that an honest till is never told to have a wrong rate.
 */
export function rateDayOf(times: SaleTimes): string {
  const { businessDay, issuedAt, clockBehind } = times;
  const day = dateAt(momentOfSale(times), issuedAt);
  if (clockBehind !== undefined) return businessDay > day ? businessDay : day;
  // A business day that follows from a wrong clock is as wrong as the clock.
  if (isClockOff(times) && businessDay === dateAt(Date.parse(issuedAt), issuedAt)) return day;
  return isNear(businessDay, day) ? businessDay : day;
}

/** Whether the business day is more than a day from the day of sale, by the till's clock and by what is known of that clock. */
export function isBusinessDayFar(times: SaleTimes): boolean {
  const { businessDay, issuedAt, clockBehind } = times;
  if (isNear(businessDay, dateAt(Date.parse(issuedAt), issuedAt))) return false;
  const day = dateAt(momentOfSale(times), issuedAt);
  // The moment that had passed is a lower bound only.
  return clockBehind === undefined ? !isNear(businessDay, day) : businessDay < day && !isNear(businessDay, day);
}

function isNear(one: string, other: string): boolean {
  return Math.abs(daysBetween(one, other)) <= BUSINESS_DAYS_OFF_MAX;
}
