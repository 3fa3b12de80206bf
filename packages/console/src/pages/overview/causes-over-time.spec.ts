import { describe, expect, it } from 'vitest';
import { stackOf } from './causes-over-time.js';

describe('stackOf', () => {
  it('keeps steps without failures, orders causes by frequency, and adds the rest up', () => {
    const points = [{ start: 'a' }, { start: 'b' }];
    const causePoints = [1, 2, 3, 4, 5, 6, 7, 8].map((count) => ({ start: 'b', cause: `c${count}`, count }));
    const { causes, steps } = stackOf(points, causePoints);
    expect(causes).toEqual(['c8', 'c7', 'c6', 'c5', 'c4', 'c3', 'others']);
    expect(steps).toEqual([
      { start: 'a', values: {} },
      { start: 'b', values: { c8: 8, c7: 7, c6: 6, c5: 5, c4: 4, c3: 3, others: 3 } },
    ]);
  });
});
