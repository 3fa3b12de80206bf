import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { axisWidth, roundTicks, stackedRange } from './axis.js';

describe('ticks of an axis', () => {
  it('are round, few, hold every value and have zero among them', () => {
    fc.assert(
      fc.property(fc.integer({ min: -10_000_000, max: 1_000_000_000 }), fc.nat(1_000_000_000), (lowest, more) => {
        const ticks = roundTicks(lowest, lowest + more);
        const step = (ticks[1] ?? 0) - (ticks[0] ?? 0);
        expect(String(step)).toMatch(/^[125]0*$/);
        expect(ticks).toContain(0);
        expect(ticks.length).toBeLessThanOrEqual(7);
        expect(ticks[0]).toBeLessThanOrEqual(lowest);
        expect(ticks.at(-1)).toBeGreaterThanOrEqual(lowest + more);
      }),
    );
  });

  it.each([
    [0, 0, [0, 1]],
    [0, 7, [0, 2, 4, 6, 8]],
    [0, 37_385, [0, 10_000, 20_000, 30_000, 40_000]],
    [-150, 420, [-200, 0, 200, 400, 600]],
  ])('from %i to %i', (lowest, highest, ticks) => expect(roundTicks(lowest, highest)).toEqual(ticks));

  it('have room for their labels, for Chinese ones too', () => {
    expect(axisWidth(['0', '1.5万'])).toBeGreaterThanOrEqual(axisWidth(['12345']));
    expect(axisWidth([])).toBeGreaterThan(0);
  });

  it('reach as far as columns that are stacked, up and down', () =>
    expect(stackedRange([{ values: { a: 3, b: -2, c: 4 } }, { values: { b: -5 } }], ['a', 'b', 'c'])).toEqual({
      lowest: -5,
      highest: 7,
    }));
});
