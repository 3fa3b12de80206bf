import type { Period, Step } from '@tax-control/protocol/console';
import { addDays, type CalendarDay, dayOf, endOfMinute, fromLocalInput, instantOf, isZone } from './zoned-time.js';

/** Periods that are offered by name; `custom` has its bounds in the address. */
export const PRESETS = [
  'today',
  'yesterday',
  '7d',
  '30d',
  '90d',
  'this_month',
  'last_month',
  '365d',
  'custom',
] as const;
export type Preset = (typeof PRESETS)[number];

export const DEFAULT_PRESET: Preset = '7d';
const DAY_MS = 86_400_000;
/** Up to this long a period is cut into hours, then days, then weeks: some 30 to 60 columns a chart. */
const DAYS_BY_HOUR_MAX = 2;
const DAYS_BY_DAY_MAX = 100;
const DAYS_BY_WEEK_MAX = 400;

/** The zone of the browser. */
export function ownZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Periods of so many days: today and the days before it. */
const DAYS: Readonly<Partial<Record<Preset, number>>> = { today: 1, '7d': 7, '30d': 30, '90d': 90, '365d': 365 };

/** The bounds of a named period in a zone. Open ones end with the running minute. */
export function boundsOf(preset: Exclude<Preset, 'custom'>, zone: string, now: Date): { from: Date; to: Date } {
  const today = dayOf(now, zone);
  const thisMonth = { ...today, day: 1 };
  const startOf = (day: CalendarDay) => instantOf(day, zone);
  const to = endOfMinute(now);
  if (preset === 'yesterday') return { from: startOf(addDays(today, -1)), to: startOf(today) };
  if (preset === 'this_month') return { from: startOf(thisMonth), to };
  if (preset === 'last_month') return { from: startOf({ ...addDays(thisMonth, -1), day: 1 }), to: startOf(thisMonth) };
  return { from: startOf(addDays(today, 1 - (DAYS[preset] ?? 1))), to };
}

/** The step that cuts a period into a number of columns that a chart can show. */
export function stepFor(from: Date, to: Date): Step {
  const days = (to.getTime() - from.getTime()) / DAY_MS;
  if (days <= DAYS_BY_HOUR_MAX) return 'hour';
  if (days <= DAYS_BY_DAY_MAX) return 'day';
  return days <= DAYS_BY_WEEK_MAX ? 'week' : 'month';
}

/** A period and how it is named in the address. */
export interface ChosenPeriod extends Period {
  readonly preset: Preset;
  /** What is wrong with the bounds in the address; the period is then the default one. */
  readonly fault: 'order' | 'unreadable' | null;
}

/** Reads the period of an address: `period`, or `from` and `to`; `zone` and `step` where they are not the usual ones. */
export function readPeriod(parameters: URLSearchParams, now: Date): ChosenPeriod {
  const wantedZone = parameters.get('zone');
  const zone = wantedZone !== null && isZone(wantedZone) ? wantedZone : ownZone();
  const preset = readPreset(parameters);
  const { from, to, fault } =
    preset === 'custom' ? customBounds(parameters, zone, now) : { ...boundsOf(preset, zone, now), fault: null };
  const step = parameters.get('step');
  return {
    preset,
    fault,
    zone,
    from: from.toISOString(),
    to: to.toISOString(),
    step: step === 'hour' || step === 'day' || step === 'week' || step === 'month' ? step : stepFor(from, to),
  };
}

function readPreset(parameters: URLSearchParams): Preset {
  if (parameters.has('from') || parameters.has('to')) return 'custom';
  return PRESETS.find((preset) => preset === parameters.get('period') && preset !== 'custom') ?? DEFAULT_PRESET;
}

function customBounds(parameters: URLSearchParams, zone: string, now: Date) {
  const from = readBound(parameters.get('from'), zone);
  const to = readBound(parameters.get('to'), zone);
  const usual = boundsOf('7d', zone, now);
  if (from === null || to === null) return { ...usual, fault: 'unreadable' as const };
  if (from >= to) return { ...usual, fault: 'order' as const };
  return { from, to, fault: null };
}

/** A bound is a time of the zone (`2026-11-22T08:15`), so that an address means what its reader sees. */
function readBound(text: string | null, zone: string): Date | null {
  return text === null ? null : fromLocalInput(text, zone);
}
