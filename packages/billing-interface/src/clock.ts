import { performance } from 'node:perf_hooks';

/** The till's time. Deadlines use `monotonicMs`, which nobody can set; everything that is written down uses `now`. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z, as the till's clock has it, right or wrong. */
  now(): number;
  /** Milliseconds of a clock that never goes back. */
  monotonicMs(): number;
}

export const systemClock: Clock = { now: () => Date.now(), monotonicMs: () => performance.now() };

/** The offset that a shop's calendar has at that moment, in minutes east of Greenwich. */
function zoneOffsetMinutes(time: number): number {
  return -new Date(time).getTimezoneOffset();
}

const MINUTES_PER_HOUR = 60;
const MS_PER_MINUTE = 60_000;
/** Characters of `2026-11-22T18:05:00.123`. */
const LOCAL_TIME_LENGTH = 23;

/** A time as RFC 3339 with the shop's own offset, to the millisecond: the date in it is the shop's date. */
export function localTime(time: number): string {
  const offset = zoneOffsetMinutes(time);
  const shifted = new Date(time + offset * MS_PER_MINUTE).toISOString().slice(0, LOCAL_TIME_LENGTH);
  if (offset === 0) return `${shifted}Z`;
  const minutes = Math.abs(offset);
  const twoDigits = (value: number) => String(value).padStart(2, '0');
  const sign = offset < 0 ? '-' : '+';
  return `${shifted}${sign}${twoDigits(Math.floor(minutes / MINUTES_PER_HOUR))}:${twoDigits(minutes % MINUTES_PER_HOUR)}`;
}

/** A time as RFC 3339 in UTC, to the millisecond. */
export function utcTime(time: number): string {
  return new Date(time).toISOString();
}
