import type { PlannedTill } from './fleet-plan.js';
import type { Activity } from './goods.js';
import type { Random } from './random.js';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** What a shop's day looks like: opening hours, weight of each hour from the first one on, weight of each weekday from Sunday on. */
interface Habit {
  readonly opens: number;
  readonly hours: readonly number[];
  readonly weekdays: readonly number[];
}

const HABITS: Readonly<Record<Activity, Habit>> = {
  grocery: {
    opens: 7,
    hours: [3, 5, 6, 6, 7, 9, 8, 6, 7, 9, 13, 12, 8, 4],
    weekdays: [0.6, 0.9, 0.9, 0.95, 1.05, 1.25, 1.35],
  },
  cafe: { opens: 7, hours: [9, 12, 10, 9, 8, 12, 11, 8, 7, 6, 4], weekdays: [1.1, 0.85, 0.9, 0.9, 1, 1.1, 1.35] },
  clothing: { opens: 9, hours: [3, 6, 9, 11, 10, 11, 12, 11, 8], weekdays: [0.7, 0.8, 0.8, 0.85, 1, 1.2, 1.8] },
  pharmacy: { opens: 8, hours: [6, 10, 11, 10, 8, 8, 9, 10, 11, 7], weekdays: [0.15, 1.25, 1.15, 1.1, 1.1, 1.15, 0.9] },
  hardware: { opens: 7, hours: [10, 11, 10, 9, 8, 8, 8, 8, 7, 5], weekdays: [0.2, 1.1, 1.05, 1.05, 1.05, 1.1, 1.5] },
  books: { opens: 10, hours: [5, 8, 11, 10, 11, 12, 11, 8], weekdays: [0, 0.8, 0.9, 0.95, 1.05, 1.2, 2] },
};

/** Everything happens at moments so far apart, several tills at each: their time is the server's time to the millisecond. */
export const MOMENT_MS = MINUTE_MS;

/** Times of a till's sales on a day, ascending. @param midnightMs in UTC, as the shops' hours are */
export function salesOf(till: PlannedTill, midnightMs: number, salesPerDay: number, random: Random): number[] {
  const { opens, hours, weekdays } = HABITS[till.premises.activity];
  const weekday = weekdays[new Date(midnightMs).getUTCDay()] ?? 1;
  // Fog, football, payday: a day is not like the next.
  const mood = Math.exp(random.normal(0, 0.12));
  const count = random.count(salesPerDay * till.busyness * weekday * mood);
  return Array.from({ length: count }, () => {
    const hour = opens + random.weighted(hours);
    return midnightMs + hour * HOUR_MS + Math.floor((random.next() * HOUR_MS) / MOMENT_MS) * MOMENT_MS;
  }).toSorted((one, other) => one - other);
}

/** When a till sends what is left, after the last shop has closed. */
export const NIGHTLY_MS = 22 * HOUR_MS;
