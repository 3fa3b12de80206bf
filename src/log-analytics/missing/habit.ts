import { MISSING_RULE } from './limits.js';

const QUARTER_MS = 15 * 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Quarter-hours of one day of UTC in which a terminal tried anything: 96 characters, 1 or 0, from midnight. */
export interface ActiveDay {
  readonly day: string;
  readonly quarters: string;
}

/** A time in which silence tells nothing. Milliseconds. */
export interface Closing {
  readonly start: number;
  readonly end: number;
}

/**
 * How many hours a terminal is used to be silent: its third-longest silence of the last weeks, so that every closed
 * weekend counts and an illness does not. A pure function.
 * @param days in order, of the last weeks before its last sign
 */
export function habitHours(days: readonly ActiveDay[]): number {
  const times = days.flatMap(activeTimes);
  const [first] = times;
  const last = times.at(-1);
  const { habitDaysMin, habitHoursDefault, habitRank } = MISSING_RULE;
  if (first === undefined || last === undefined || last - first < habitDaysMin * DAY_MS) return habitHoursDefault;
  const silences = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const habit = silences.toSorted((one, other) => other - one)[habitRank - 1] ?? habitHoursDefault * HOUR_MS;
  return habit / HOUR_MS;
}

function activeTimes({ day, quarters }: ActiveDay): number[] {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  const times: number[] = [];
  for (let quarter = quarters.indexOf('1'); quarter !== -1; quarter = quarters.indexOf('1', quarter + 1))
    times.push(midnight + quarter * QUARTER_MS);
  return times;
}

/** Hours of silence between two times, without those in which the shop is declared closed; closings may overlap. */
export function silentHours(from: number, to: number, closings: readonly Closing[]): number {
  let closed = 0;
  let until = from;
  for (const { start, end } of closings.toSorted((one, other) => one.start - other.start)) {
    const begin = Math.max(start, until);
    const finish = Math.min(end, to);
    if (finish > begin) {
      closed += finish - begin;
      until = finish;
    }
  }
  return Math.max(0, to - from - closed) / HOUR_MS;
}

/** From how many hours on a terminal of this habit is silent. */
export function silenceLimitHours(habit: number): number {
  return Math.max(MISSING_RULE.silentHoursMin, habit * MISSING_RULE.habitFactor);
}
