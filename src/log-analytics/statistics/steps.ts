import type { Step } from '@tax-control/protocol/console';
import type { CheckedPeriod, Span } from './period.js';
import { instantOf, localOf, type OffsetStretch, offsetStretches } from './zone.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;
/** 1970-01-01 was a Thursday; weeks begin on Monday (ISO 8601). */
const FIRST_MONDAY_MS = 4 * DAY_MS;

/**
 * Cuts a period in the calendar of its zone; the first and the last step are as short as the period makes them. A day on which clocks
 * change has 23 or 25 hours, each of them a step; where a zone changes by half an hour, so long is one step then.
 */
export function stepsOf({ fromMs, toMs, zone, step }: CheckedPeriod): readonly Span[] {
  const stretches = offsetStretches(zone, fromMs, toMs);
  const cuts = step === 'hour' ? hourCuts(stretches, fromMs, toMs) : calendarCuts(stretches, step, fromMs, toMs);
  return [fromMs, ...cuts].map((startMs, index) => ({ fromMs: startMs, toMs: cuts[index] ?? toMs }));
}

/** Whole local hours strictly within, and the moments at which the clock jumps. */
function hourCuts(stretches: readonly OffsetStretch[], fromMs: number, toMs: number): number[] {
  const cuts: number[] = [];
  for (const stretch of stretches) {
    const startMs = Math.max(fromMs, stretch.fromMs);
    if (stretch.fromMs > fromMs && stretch.fromMs < toMs) cuts.push(stretch.fromMs);
    const firstMs = (Math.floor((startMs + stretch.offsetMs) / HOUR_MS) + 1) * HOUR_MS - stretch.offsetMs;
    for (let cutMs = firstMs; cutMs < Math.min(toMs, stretch.untilMs); cutMs += HOUR_MS) cuts.push(cutMs);
  }
  return cuts;
}

/** Local midnights that begin a day, week or month, strictly within. */
function calendarCuts(
  stretches: readonly OffsetStretch[],
  step: Exclude<Step, 'hour'>,
  fromMs: number,
  toMs: number,
): number[] {
  const cuts: number[] = [];
  let localMs = startOf(step, localOf(stretches, fromMs));
  for (;;) {
    localMs = startOf(step, NEXT[step](localMs));
    const cutMs = instantOf(stretches, localMs);
    if (cutMs >= toMs) return cuts;
    if (cutMs > fromMs) cuts.push(cutMs);
  }
}

const NEXT: Readonly<Record<Exclude<Step, 'hour'>, (localMs: number) => number>> = {
  day: (localMs) => localMs + DAY_MS,
  week: (localMs) => localMs + WEEK_MS,
  // The longest month has 31 days, so this lies in the next one.
  month: (localMs) => localMs + 31 * DAY_MS,
};

function startOf(step: Exclude<Step, 'hour'>, localMs: number): number {
  if (step === 'day') return Math.floor(localMs / DAY_MS) * DAY_MS;
  if (step === 'week') return Math.floor((localMs - FIRST_MONDAY_MS) / WEEK_MS) * WEEK_MS + FIRST_MONDAY_MS;
  const date = new Date(localMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}
