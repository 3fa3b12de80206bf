import { describe, expect, it } from 'vitest';
import { quantile, spreadOf } from './figures.js';

describe('quantile', () => {
  it.each([
    [0, 10],
    [0.5, 25],
    [1, 40],
    [0.99, 39.7],
  ])('%d of 10, 20, 30, 40 is %d', (share, expected) => {
    expect(quantile([10, 20, 30, 40], share)).toBeCloseTo(expected, 10);
  });

  it('of one value is that value, and of none an error', () => {
    expect(quantile([7], 0.9)).toBe(7);
    expect(() => quantile([], 0.5)).toThrow(RangeError);
  });
});

describe('spreadOf', () => {
  it('does not need its values sorted', () => {
    expect(spreadOf([3, 1, 2])).toEqual({ median: 2, lowest: 1, highest: 3 });
  });
});
