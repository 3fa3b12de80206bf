const FULL_DATE = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;
const DATE_LENGTH = 10;
/** Letters of `2026-11-22T18:05:00`, what is left of an ISO time without fraction and zone. */
const SECONDS_LENGTH = 19;
const DAYS_OF_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Pattern of a calendar date. Years 1900 to 2999: no till's clock shows others, and whatever the time zone,
 * the year keeps its four digits in UTC.
 */
export const DATE_PATTERN = '^(19|2[0-9])[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$';

/** Pattern of a time with offset (RFC 3339, 5.6; capital letters, at most milliseconds, no leap second). */
export const DATE_TIME_PATTERN =
  '^(19|2[0-9])[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,3})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$';

/** Whether a text is a day of the calendar (proleptic Gregorian), YYYY-MM-DD: 30 February is none. Which years are allowed is the pattern's business. */
export function isCalendarDate(text: string): boolean {
  const [, year, month, day] = FULL_DATE.exec(text) ?? [];
  const days = DAYS_OF_MONTH[Number(month) - 1];
  if (days === undefined) return false;
  const leapDay = Number(month) === 2 && isLeapYear(Number(year)) ? 1 : 0;
  return Number(day) >= 1 && Number(day) <= days + leapDay;
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Whether the day of an RFC 3339 time exists; the rest of its form is the pattern's business. */
export function hasCalendarDate(dateTime: string): boolean {
  return isCalendarDate(dateTime.slice(0, DATE_LENGTH));
}

/** An RFC 3339 time in UTC, to the second, as receipts and codes state it: `2026-11-22T18:05:00Z`. */
export function utcSeconds(dateTime: string): string {
  return `${new Date(dateTime).toISOString().slice(0, SECONDS_LENGTH)}Z`;
}

const MS_PER_MINUTE = 60_000;
const MINUTES_PER_HOUR = 60;
const MS_PER_DAY = 86_400_000;
const OFFSET = /([+-])([0-9]{2}):([0-9]{2})$/;

/** The date (YYYY-MM-DD) of a moment (milliseconds since 1970) under the offset that an RFC 3339 time has. */
export function dateAt(moment: number, dateTime: string): string {
  const [, sign, hours, minutes] = OFFSET.exec(dateTime) ?? [];
  const size = (Number(hours ?? 0) * MINUTES_PER_HOUR + Number(minutes ?? 0)) * MS_PER_MINUTE;
  return new Date(moment + (sign === '-' ? -size : size)).toISOString().slice(0, DATE_LENGTH);
}

/** Days from one date (YYYY-MM-DD) to another. */
export function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / MS_PER_DAY;
}
