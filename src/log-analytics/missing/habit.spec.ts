import { describe, expect, it } from 'vitest';
import { type ActiveDay, habitHours, silenceLimitHours, silentHours } from './habit.js';

const HOUR_MS = 3_600_000;

/** Active every quarter-hour from eight to six. */
const OPEN = '0'.repeat(32) + '1'.repeat(40) + '0'.repeat(24);

function days(count: number, isOpen: (index: number) => boolean): ActiveDay[] {
  return Array.from({ length: count }, (_, index) => ({
    day: new Date(Date.UTC(2026, 8, 1 + index)).toISOString().slice(0, 10),
    quarters: OPEN,
  })).filter((_, index) => isOpen(index));
}

describe('a terminal’s habit', () => {
  it('is its third-longest silence: nights, or weekends, but no illness', () => {
    expect(habitHours(days(42, () => true))).toBe(14.25);
    expect(habitHours(days(42, (index) => index % 7 < 5))).toBe(62.25);
    expect(habitHours(days(42, (index) => index < 10 || index > 20))).toBe(14.25);
  });

  it('is taken for a long weekend where there is no history', () => {
    expect(habitHours([])).toBe(72);
    expect(habitHours(days(10, () => true))).toBe(72);
  });

  it('sets the limit, never under a day', () => {
    expect(silenceLimitHours(14.25)).toBe(24);
    expect(silenceLimitHours(62)).toBe(93);
  });
});

describe('silence', () => {
  it('is counted without declared closings, which may overlap and reach beyond', () => {
    const hours = (...closings: readonly (readonly [number, number])[]): number =>
      silentHours(
        0,
        100 * HOUR_MS,
        closings.map(([start, end]) => ({ start: start * HOUR_MS, end: end * HOUR_MS })),
      );
    expect(hours()).toBe(100);
    expect(hours([10, 20])).toBe(90);
    expect(hours([-50, 10], [90, 200])).toBe(80);
    expect(hours([30, 60], [10, 40], [50, 55])).toBe(50);
    expect(hours([200, 300])).toBe(100);
    expect(hours([-10, 110])).toBe(0);
  });
});
