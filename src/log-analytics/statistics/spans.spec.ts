import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GRAIN_MS, GRAINS, type Grain, piecesOf } from './spans.js';

describe('piecesOf', () => {
  it('covers a span in order, without gap or overlap, each piece on the edges of its grain', () => {
    const instants = fc.integer({ min: 0, max: 40 * 86_400_000 });
    fc.assert(
      fc.property(instants, instants, fc.subarray<Grain>([...GRAINS]), (one, other, grains) => {
        const span = { fromMs: Math.min(one, other), toMs: Math.max(one, other) };
        let reachedMs = span.fromMs;
        for (const piece of piecesOf(span, grains)) {
          expect(piece.fromMs).toBe(reachedMs);
          expect(piece.toMs).toBeGreaterThan(piece.fromMs);
          const edges = piece.grain === 'rows' ? 1 : GRAIN_MS[piece.grain];
          expect([piece.fromMs % edges, piece.toMs % edges]).toEqual([0, 0]);
          reachedMs = piece.toMs;
        }
        expect(reachedMs).toBe(span.toMs);
      }),
    );
  });

  it('reads whole days from days', () => {
    const days = { fromMs: 86_400_000, toMs: 4 * 86_400_000 };
    expect(piecesOf(days, ['hour', 'day'])).toEqual([{ ...days, grain: 'day' }]);
  });
});
