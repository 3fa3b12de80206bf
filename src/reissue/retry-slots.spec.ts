import { describe, expect, it } from 'vitest';
import { RetrySlots } from './retry-slots.js';

const NOW = 1_000_000;

describe('the retry slots of the late door', () => {
  it('come one behind the other, as fast as lists are worked off', () => {
    const slots = new RetrySlots();
    for (let list = 0; list < 200; list += 1) slots.took(50);
    const waits = ['a', 'b', 'c'].map((terminal) => slots.afterMs(terminal, 32, NOW));
    expect(waits).toEqual([1_600, 1_650, 1_700]);
  });

  it('are no sooner than a second and no later than a minute', () => {
    const slots = new RetrySlots();
    expect(slots.afterMs('first', 0, NOW)).toBe(1_000);
    for (let terminal = 0; terminal < 20_000; terminal += 1) slots.afterMs(`till ${terminal}`, 0, NOW);
    expect(slots.afterMs('last', 0, NOW)).toBe(60_000);
  });

  it('stay with a terminal that asks again and again, and keep nobody else waiting for it', () => {
    const slots = new RetrySlots();
    for (let asked = 0; asked < 1_000; asked += 1) expect(slots.afterMs('eager', 0, NOW + asked)).toBe(1_000 - asked);
    expect(slots.afterMs('other', 0, NOW + 999)).toBe(1_000);
    expect(slots.afterMs('eager', 0, NOW + 1_000)).toBe(1_019);
  });

  it('are forgotten once they are over', () => {
    const slots = new RetrySlots();
    for (let terminal = 0; terminal < 100; terminal += 1) slots.afterMs(`till ${terminal}`, 0, NOW);
    expect(slots.size).toBe(100);
    slots.afterMs('much later', 0, NOW + 100_000);
    expect(slots.size).toBe(1);
  });
});
