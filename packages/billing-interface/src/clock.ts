const MINUTES_PER_HOUR = 60;
const MS_PER_MINUTE = 60_000;
/** Characters of `2026-11-22T18:05:00.123`. */
const LOCAL_TIME_LENGTH = 23;

/**
 * A time as RFC 3339 with the shop's own offset, to the millisecond: the date in it is the shop's date.
 * @param zone IANA name of the shop's time zone, known to this Node.js; null: that of the computer
 */
export function localTime(time: number, zone: string | null = null): string {
  const offset = zone === null ? -new Date(time).getTimezoneOffset() : zoneOffsetMinutes(time, zone);
  const shifted = new Date(time + offset * MS_PER_MINUTE).toISOString().slice(0, LOCAL_TIME_LENGTH);
  if (offset === 0) return `${shifted}Z`;
  const minutes = Math.abs(offset);
  const twoDigits = (value: number) => String(value).padStart(2, '0');
  const sign = offset < 0 ? '-' : '+';
  return `${shifted}${sign}${twoDigits(Math.floor(minutes / MINUTES_PER_HOUR))}:${twoDigits(minutes % MINUTES_PER_HOUR)}`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** The offset that a zone has at that moment, in minutes east of Greenwich. Zones of before 1972 had seconds, which RFC 3339 has not. */
function zoneOffsetMinutes(time: number, zone: string): number {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
    formats.set(zone, format);
  }
  const parts = new Map(format.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
  const of = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  const shown = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'));
  return Math.round((shown - Math.floor(time / MS_PER_MINUTE) * MS_PER_MINUTE) / MS_PER_MINUTE);
}

/** A time as RFC 3339 in UTC, to the millisecond. */
export function utcTime(time: number): string {
  return new Date(time).toISOString();
}
