import { describe, expect, it } from 'vitest';
import { planFill, SHOPS } from './fill-plan.js';

const TILLS = 32;

describe('planFill', () => {
  it.each([
    [1, 1],
    [50_000, 12_400],
    [5_000_000, 12_400],
    [5_000_000, 7],
  ])('makes exactly %d invoices of %d, one chunk behind the other', (filled, base) => {
    const { chunks } = planFill(filled, base, TILLS);
    let made = 0;
    for (const { first, count } of chunks) {
      expect(first).toBe(made);
      made += count;
    }
    expect(made).toBe(filled);
  });

  it('copies all base invoices before it copies one again', () => {
    const base = 500;
    const { chunks } = planFill(base * SHOPS * 2, base, TILLS);
    const places = (round: number): number[] =>
      chunks
        .filter((chunk) => chunk.round === round)
        .flatMap(({ from, to }) => Array.from({ length: to - from }, (_, index) => from + index));
    expect(places(0)).toEqual(Array.from({ length: base }, (_, place) => place));
    expect(places(1)).toEqual(places(0));
  });

  it('numbers an invoice by round, place and shop without a gap', () => {
    const base = 500;
    for (const { round, from, first } of planFill(100_000, base, TILLS).chunks)
      expect(first).toBe((round * base + from) * SHOPS);
  });

  it('lets each till sell as often a day, however many there are', () => {
    const { stepMs } = planFill(1, 1, TILLS);
    expect((24 * 60 * 60 * 1_000) / stepMs / (SHOPS * TILLS)).toBeCloseTo(200, 6);
  });
});
