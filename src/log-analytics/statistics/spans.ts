import type { Span } from './period.js';

const QUARTER_MS = 900_000;
const HOUR_MS = 4 * QUARTER_MS;
const DAY_MS = 24 * HOUR_MS;
const HALF_DAY_MS = DAY_MS / 2;
const WEEK_MS = 7 * DAY_MS;

/** Grains of UTC at which sums are kept. Weeks are seven days, counted from 1970-01-01. */
export type Grain = 'quarter' | 'hour' | 'day' | 'week';
/** The usual ones, the finest first. */
export const GRAINS = ['quarter', 'hour', 'day'] as const satisfies readonly Grain[];
export const GRAIN_MS: Readonly<Record<Grain, number>> = {
  quarter: QUARTER_MS,
  hour: HOUR_MS,
  day: DAY_MS,
  week: WEEK_MS,
};

/** Part of a span that is read from sums of one grain, or from the rows themselves. */
export interface Piece extends Span {
  readonly grain: Grain | 'rows';
}

/**
 * How a row of steps is read.
 * @property pieces none reaches over an edge between two steps, but for days that `moved` mends
 * @property moved sums of stretches that lie in another step than the middle of their day: there they are to be added, here to be
 * taken away; null where the days fit as they are
 */
export interface ReadingPlan {
  readonly pieces: readonly Piece[];
  readonly moved: { readonly grain: Grain; readonly startsMs: readonly number[] } | null;
}

/**
 * Plans the reading of a whole row of steps (in order, without gaps) with as few sums as can be. Days of most zones are no days of
 * UTC; where a step is as long as a day, a sum of the day in UTC is counted in the step in which its middle lies, and the few hours that belong to
 * the neighbour are moved there: in Berlin two hours of each day are read, not twenty-four.
 */
export function planOf(steps: readonly Span[], grains: readonly Grain[]): ReadingPlan {
  const [first, ...others] = steps;
  const last = steps.at(-1);
  if (first === undefined || last === undefined) return { pieces: [], moved: null };
  const whole = { fromMs: first.fromMs, toMs: last.toMs };
  const cutsMs = others.map(({ fromMs }) => fromMs);
  const fit = grains.filter((grain) => cutsMs.every((cutMs) => cutMs % GRAIN_MS[grain] === 0));
  const days = { fromMs: Math.ceil(whole.fromMs / DAY_MS) * DAY_MS, toMs: Math.floor(whole.toMs / DAY_MS) * DAY_MS };
  const grain = coarsestOf(fit);
  if (fit.includes('day') || !grains.includes('day') || grain === undefined || days.fromMs >= days.toMs) {
    return { pieces: piecesOf(whole, fit), moved: null };
  }
  const startsMs = movedStarts(
    cutsMs.filter((cutMs) => cutMs > days.fromMs && cutMs < days.toMs),
    GRAIN_MS[grain],
  );
  if (startsMs === null) return { pieces: piecesOf(whole, fit), moved: null };
  const pieces = [
    ...piecesOf({ fromMs: whole.fromMs, toMs: days.fromMs }, fit),
    { ...days, grain: 'day' } as const,
    ...piecesOf({ fromMs: days.toMs, toMs: whole.toMs }, fit),
  ];
  return { pieces, moved: { grain, startsMs } };
}

/** Starts of the stretches that are not in the step of their day's middle; null where a day is cut twice. */
function movedStarts(cutsMs: readonly number[], grainMs: number): readonly number[] | null {
  const startsMs: number[] = [];
  let lastDayMs = -1;
  for (const cutMs of cutsMs) {
    const dayMs = Math.floor(cutMs / DAY_MS) * DAY_MS;
    if (dayMs === lastDayMs) return null;
    lastDayMs = dayMs;
    const isBeforeMiddle = cutMs <= dayMs + HALF_DAY_MS;
    const [fromMs, toMs] = isBeforeMiddle ? [dayMs, cutMs] : [cutMs, dayMs + DAY_MS];
    for (let startMs = fromMs; startMs < toMs; startMs += grainMs) startsMs.push(startMs);
  }
  return startsMs;
}

function coarsestOf(grains: readonly Grain[]): Grain | undefined {
  return grains.toSorted((one, other) => GRAIN_MS[other] - GRAIN_MS[one])[0];
}

/** Cuts a span into the fewest pieces: the coarsest grain in the middle, finer ones towards the edges, rows for what is left there. */
export function piecesOf(span: Span, grains: readonly Grain[]): readonly Piece[] {
  const coarsest = coarsestOf(grains);
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
