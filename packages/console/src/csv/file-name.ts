import { zonedTime } from './say-csv.js';

/** Members of a request that say of which period a file is. */
export interface FilePeriod {
  readonly from?: unknown;
  readonly to?: unknown;
}

/**
 * The name of a file with its period, by the clocks of the zone: `entries_2026-11-24_2026-11-30.csv`. The end is not in the period, so
 * midnight is the day before; other times are named with hour and minute.
 */
export function fileNameFor(name: string, { from, to }: FilePeriod, zone: string): string {
  if (typeof from !== 'string' || typeof to !== 'string') return name;
  const [first, last] = [boundOf(from, zone, 0), boundOf(to, zone, 1)];
  const period = first === last ? first : `${first}_${last}`;
  return name.replace(/(\.csv)?$/, `_${period}.csv`);
}

function boundOf(instant: string, zone: string, before: 0 | 1): string {
  const [day = '', time = ''] = zonedTime(instant, zone).split(' ');
  if (time !== '00:00:00') return `${day}T${time.slice(0, 'hh:mm'.length).replace(':', '')}`;
  return before === 0 ? day : (zonedTime(new Date(Date.parse(instant) - 1).toISOString(), zone).split(' ')[0] ?? day);
}
