import { describe, expect, it } from 'vitest';
import { Random } from '../simulator/random.js';
import { FAULT_KINDS } from './kinds.js';
import { drawSchedule } from './schedule.js';

const SIZE = { agents: 3, terminals: 6 };
const MINUTE_MS = 60_000;
const SEEDS = Array.from({ length: 40 }, (_, seed) => String(seed));

const scheduleOf = (seed: string, minutes = 3, kinds = FAULT_KINDS) =>
  drawSchedule(new Random(seed), kinds, SIZE, minutes * MINUTE_MS);

describe('a schedule', () => {
  it('is the same for the same seed, and another for another one', () => {
    expect(scheduleOf('a')).toEqual(scheduleOf('a'));
    expect(scheduleOf('a')).not.toEqual(scheduleOf('b'));
  });

  it('breaks no part that is broken, and ends in time', () => {
    for (const seed of SEEDS) {
      const schedule = scheduleOf(seed);
      for (const { atMs, forMs } of schedule) expect(atMs + forMs).toBeLessThanOrEqual(3 * MINUTE_MS);
      const meets = schedule.filter((fault, index) =>
        schedule
          .slice(0, index)
          .some(
            (before) =>
              before.atMs + before.forMs >= fault.atMs && before.holds.some((part) => fault.holds.includes(part)),
          ),
      );
      expect(meets).toEqual([]);
    }
  });

  it('aims at nothing else at the till that dies', () => {
    const kinds = SEEDS.flatMap((seed) => scheduleOf(seed))
      .filter(({ detail }) => detail['terminal'] === 'till-6')
      .map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(['till_dead']));
  });

  it('has every kind in ten minutes, and none more often than it may come', () => {
    for (const seed of SEEDS.slice(0, 5)) {
      const counts = new Map<string, number>();
      for (const { kind } of scheduleOf(seed, 10)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
      expect([...counts.keys()].toSorted()).toEqual(FAULT_KINDS.map(({ name }) => name).toSorted());
      for (const { name, most } of FAULT_KINDS) expect(counts.get(name)).toBeLessThanOrEqual(most ?? Infinity);
    }
  });

  it('of one kind that may come once has one fault', () => {
    const once = FAULT_KINDS.filter(({ name }) => name === 'database_restored');
    expect(scheduleOf('a', 3, once)).toHaveLength(1);
  });
});
