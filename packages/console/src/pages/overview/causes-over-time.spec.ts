import { describe, expect, it } from 'vitest';
import { stackOf } from './causes-over-time.js';

describe('stackOf', () => {
  it('keeps steps without failures, orders causes by frequency, and adds the rest up', () => {
    const causePoints = [1, 2, 3, 4, 5, 6, 7, 8].map((count) => ({
      start: 'b',
      cause: `c${count}`,
      count,
      notTried: count === 2 || count === 7 ? 1 : 0,
    }));
    const { causes, steps, notTried } = stackOf(['a', 'b', 'c'], causePoints);
    expect(causes).toEqual(['c8', 'c7', 'c6', 'c5', 'c4', 'c3', 'others']);
    expect(steps).toEqual([
      { start: 'a', values: {} },
      { start: 'b', values: { c8: 8, c7: 7, c6: 6, c5: 5, c4: 4, c3: 3, others: 3, 'not tried': 2 } },
      { start: 'c', values: {} },
    ]);
    expect([...notTried]).toEqual([
      ['others', 1],
      ['c7', 1],
    ]);
  });
});
