import type { Span } from './period.js';

const QUARTER_MS = 900_000;
const HOUR_MS = 4 * QUARTER_MS;
const DAY_MS = 24 * HOUR_MS;

/** Grains of UTC at which sums are kept, the finest first. */
export const GRAINS = ['quarter', 'hour', 'day'] as const;
export type Grain = (typeof GRAINS)[number];
export const GRAIN_MS: Readonly<Record<Grain, number>> = { quarter: QUARTER_MS, hour: HOUR_MS, day: DAY_MS };

/** Part of a span that is read from sums of one grain, or from the rows themselves. */
export interface Piece extends Span {
  readonly grain: Grain | 'rows';
}

/** Pieces of a whole row of steps (in order, without gaps): none reaches over an edge between two steps. */
export function piecesOfSteps(steps: readonly Span[], grains: readonly Grain[]): readonly Piece[] {
  const [first, ...others] = steps;
  const last = steps.at(-1);
  if (first === undefined || last === undefined) return [];
  const fit = grains.filter((grain) => others.every(({ fromMs }) => fromMs % GRAIN_MS[grain] === 0));
  return piecesOf({ fromMs: first.fromMs, toMs: last.toMs }, fit);
}

/** Cuts a span into the fewest pieces: whole days in the middle, hours and quarters towards the edges, rows for what is left there. */
export function piecesOf(span: Span, grains: readonly Grain[] = GRAINS): readonly Piece[] {
  const [coarsest] = [...grains].sort((one, other) => GRAIN_MS[other] - GRAIN_MS[one]);
  if (span.fromMs >= span.toMs) return [];
  if (coarsest === undefined) return [{ ...span, grain: 'rows' }];
  const size = GRAIN_MS[coarsest];
  const fromMs = Math.ceil(span.fromMs / size) * size;
  const toMs = Math.floor(span.toMs / size) * size;
  const finer = grains.filter((grain) => grain !== coarsest);
  if (fromMs >= toMs) return piecesOf(span, finer);
  return [
    ...piecesOf({ fromMs: span.fromMs, toMs: fromMs }, finer),
    { fromMs, toMs, grain: coarsest },
    ...piecesOf({ fromMs: toMs, toMs: span.toMs }, finer),
  ];
}
