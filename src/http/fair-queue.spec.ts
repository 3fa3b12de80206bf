import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FairQueue } from './fair-queue.js';

function takeAll<Item>(queue: FairQueue<Item>): Item[] {
  const taken: Item[] = [];
  for (let next = queue.take(); next !== undefined; next = queue.take()) taken.push(next);
  return taken;
}

describe('FairQueue', () => {
  it('takes items of one holder in the order of their coming', () => {
    const queue = new FairQueue<string>(1);
    for (const item of ['a', 'b', 'c']) queue.push('one', 1, item);
    expect(takeAll(queue)).toEqual(['a', 'b', 'c']);
  });

  it('lets holders take turns, however much one of them has waiting', () => {
    const queue = new FairQueue<string>(1);
    for (let index = 0; index < 100; index += 1) queue.push('greedy', 1, `greedy ${index}`);
    queue.push('modest', 1, 'modest');
    expect(takeAll(queue).indexOf('modest')).toBe(1);
  });

  it('lets the others go on while a heavy item waits for its turn', () => {
    const queue = new FairQueue<string>(10);
    queue.push('heavy', 30, 'heavy');
    for (const item of ['a', 'b', 'c', 'd']) queue.push('light', 10, item);
    expect(takeAll(queue)).toEqual(['a', 'b', 'heavy', 'c', 'd']);
  });

  it('gives a heavy item at once where nobody else waits', () => {
    const queue = new FairQueue<string>(1);
    queue.push('only', 1_000_000, 'heavy');
    expect(queue.peek()).toBe('heavy');
    expect([queue.take(), queue.length]).toEqual(['heavy', 0]);
  });

  it('takes every item once, and lets nobody wait for more than the others may take meanwhile', () => {
    const QUANTUM = 10;
    const WEIGHT_MAX = 40;
    const pushes = fc.array(fc.record({ holder: fc.integer({ min: 0, max: 5 }), weight: fc.nat(WEIGHT_MAX) }), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(pushes, (items) => {
        const queue = new FairQueue<(typeof items)[number]>(QUANTUM);
        for (const item of items) queue.push(String(item.holder), item.weight, item);
        const taken = takeAll(queue);
        expect(new Set(taken)).toEqual(new Set(items));
        expect(queue.length).toBe(0);
        for (const holder of new Set(items.map((item) => item.holder))) {
          const own = items.filter((item) => item.holder === holder);
          expect(taken.filter((item) => item.holder === holder)).toEqual(own);
          // Until its first item goes, another holder takes its quantum in each round, and no more than one item beyond.
          const before = taken.slice(0, taken.indexOf(own[0]!));
          const rounds = Math.ceil(own[0]!.weight / QUANTUM) + 1;
          for (const other of new Set(before.map((item) => item.holder))) {
            const weight = before.filter((item) => item.holder === other).reduce((sum, item) => sum + item.weight, 0);
            expect(weight).toBeLessThanOrEqual(rounds * QUANTUM + WEIGHT_MAX);
          }
        }
      }),
    );
  });
});
