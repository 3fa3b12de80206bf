import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketOf, QUANTILE_ERROR_SHARE, quantileMs } from './histogram.js';

describe('quantileMs', () => {
  it('is null of nothing', () => {
    expect(quantileMs([], 0.5, 0)).toBeNull();
  });

  it('is off by no more than is stated, and half a millisecond of rounding', () => {
    const durations = fc.array(fc.integer({ min: 0, max: 600_000 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(durations, fc.constantFrom(0.5, 0.95), (list, share) => {
        const counts: number[] = Array.from({ length: 100 }, () => 0);
        for (const ms of list) counts[bucketOf(ms)] = (counts[bucketOf(ms)] ?? 0) + 1;
        const exact = list.toSorted((one, other) => one - other)[Math.ceil(list.length * share) - 1] ?? 0;
        const told = quantileMs(counts, share, Math.max(...list)) ?? Number.NaN;
        expect(Math.abs(told - exact)).toBeLessThanOrEqual(exact * (QUANTILE_ERROR_SHARE + 0.001) + 0.5);
      }),
    );
  });
});
