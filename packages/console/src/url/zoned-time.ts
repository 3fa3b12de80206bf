/** Times of a calendar in a zone, by what the browser knows of zones (IANA, through Intl). */

export interface CalendarDay {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const MINUTE_MS = 60_000;

function partsOf(instant: Date, zone: string): Record<string, number> {
  const format = new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
}

/** What a zone's clock is ahead of UTC at an instant, in milliseconds. */
function offsetMs(instant: Date, zone: string): number {
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = partsOf(instant, zone);
  const wall = Date.UTC(year, month - 1, day, hour, minute, second);
  return wall - Math.floor(instant.getTime() / 1_000) * 1_000;
}

/** Whether the browser knows a zone of this name. */
export function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** The calendar day of an instant in a zone. */
export function dayOf(instant: Date, zone: string): CalendarDay {
  const { year = 0, month = 1, day = 1 } = partsOf(instant, zone);
  return { year, month, day };
}

/** The instant at which a zone's clock shows this time; a time that a clock change leaves out is moved behind it. */
export function instantOf(day: CalendarDay, zone: string, hour = 0, minute = 0): Date {
  const wall = Date.UTC(day.year, day.month - 1, day.day, hour, minute);
  const guess = new Date(wall - offsetMs(new Date(wall), zone));
  return new Date(wall - offsetMs(guess, zone));
}

/** The day so many days later (or earlier, if negative). */
export function addDays({ year, month, day }: CalendarDay, days: number): CalendarDay {
  const moved = new Date(Date.UTC(year, month - 1, day + days));
  return { year: moved.getUTCFullYear(), month: moved.getUTCMonth() + 1, day: moved.getUTCDate() };
}

/** An instant as `datetime-local` wants it: `2026-11-22T08:15` in the zone. */
export function toLocalInput(instant: Date, zone: string): string {
  return new Date(instant.getTime() + offsetMs(instant, zone)).toISOString().slice(0, 16);
}

/** What `datetime-local` gives, as an instant; null when it is no time. */
export function fromLocalInput(text: string, zone: string): Date | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})/.exec(text);
  if (match === null) return null;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0] = match.slice(1).map(Number);
  const instant = instantOf({ year, month, day }, zone, hour, minute);
  return Number.isNaN(instant.getTime()) ? null : instant;
}

/** The end of the running minute: an open period ends there, so that its answer may be kept for as long. */
export function endOfMinute(now: Date): Date {
  return new Date(Math.ceil(now.getTime() / MINUTE_MS) * MINUTE_MS);
}
