import { DATE_TIME_PATTERN, type Fault, hasCalendarDate } from '@tax-control/protocol';
import { CONSOLE_LIMITS, type Period, type Step, STEPS } from '@tax-control/protocol/console';
import { instantOf, isZone, localOf, offsetStretches } from './zone.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;
/** A year of the calendar at its longest. */
const YEAR_MS = 366 * DAY_MS;
/** The shortest that a step can be, for an estimate before anything is cut. */
const STEP_MS: Readonly<Record<Step, number>> = { hour: HOUR_MS, day: DAY_MS, week: WEEK_MS, month: 28 * DAY_MS };
const DATE_TIME = new RegExp(DATE_TIME_PATTERN);

/** A stretch of time, milliseconds since 1970: `fromMs` inclusive, `toMs` exclusive. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A period that was checked: not empty, at most ten years, a zone that is known, no more steps than a series may have. */
export interface CheckedPeriod extends Span {
  readonly zone: string;
  readonly step: Step;
}

export type PeriodReading =
  { readonly ok: true; readonly period: CheckedPeriod } | { readonly ok: false; readonly faults: readonly Fault[] };

/** Checks a period as a request names it. Faults name members by JSON Pointer, and say what to do. */
export function readPeriod({ from, to, zone, step }: Readonly<Record<keyof Period, string>>): PeriodReading {
  const faults: Fault[] = [];
  const [fromMs, toMs] = [readInstant('/from', from, faults), readInstant('/to', to, faults)];
  if (!isZone(zone)) {
    faults.push({ pointer: '/zone', detail: 'No known time zone; name one of the IANA database, like Europe/Berlin.' });
  }
  const known = STEPS.find((one) => one === step);
  if (known === undefined) faults.push({ pointer: '/step', detail: `Choose one of ${STEPS.join(', ')}.` });
  if (faults.length > 0 || known === undefined) return { ok: false, faults };
  const fault = lengthFault({ fromMs, toMs }, known);
  return fault === null ? { ok: true, period: { fromMs, toMs, zone, step: known } } : { ok: false, faults: [fault] };
}

/** A period that another part of the server has checked already. */
export function checkedPeriod(period: Period): CheckedPeriod {
  const reading = readPeriod(period);
  if (!reading.ok) throw new Error(`the period was not checked: ${reading.faults[0]?.detail ?? ''}`);
  return reading.period;
}

/** The period as answers name it, in UTC. */
export function periodOf({ fromMs, toMs, zone, step }: CheckedPeriod): Period {
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), zone, step };
}

function readInstant(pointer: string, text: string, faults: Fault[]): number {
  if (DATE_TIME.test(text) && hasCalendarDate(text)) return Date.parse(text);
  faults.push({ pointer, detail: 'No time; write it as RFC 3339 says, like 2026-11-22T00:00:00Z.' });
  return Number.NaN;
}

function lengthFault({ fromMs, toMs }: Span, step: Step): Fault | null {
  const lengthMs = toMs - fromMs;
  if (lengthMs <= 0) return { pointer: '/to', detail: 'Must be later than `from`.' };
  const { periodYearsMax, seriesPointsMax } = CONSOLE_LIMITS;
  if (lengthMs > periodYearsMax * YEAR_MS) {
    return { pointer: '/to', detail: `At most ${periodYearsMax} years after \`from\`; ask for shorter periods.` };
  }
  if (lengthMs / STEP_MS[step] > seriesPointsMax) {
    return { pointer: '/step', detail: `More than ${seriesPointsMax} steps; choose a longer one or a shorter period.` };
  }
  return null;
}

/** What a period is compared with. */
export interface Comparisons {
  readonly value: Span;
  readonly before: Span;
  readonly sameWeekday: Span;
}

/**
 * The period, the one of the same length right before it, and the one moved back in local time by the least whole number of
 * weeks that is not shorter than it, so that Mondays meet Mondays and a shop's hours meet the same hours over a change of the clocks.
 */
export function comparisonsOf({ fromMs, toMs, zone }: CheckedPeriod): Comparisons {
  const lengthMs = toMs - fromMs;
  const stretches = offsetStretches(zone, fromMs - lengthMs - 2 * WEEK_MS, toMs);
  const [localFromMs, localToMs] = [localOf(stretches, fromMs), localOf(stretches, toMs)];
  const backMs = Math.max(1, Math.ceil((localToMs - localFromMs) / WEEK_MS)) * WEEK_MS;
  return {
    value: { fromMs, toMs },
    before: { fromMs: fromMs - lengthMs, toMs: fromMs },
    sameWeekday: {
      fromMs: instantOf(stretches, localFromMs - backMs),
      toMs: instantOf(stretches, localToMs - backMs),
    },
  };
}
