import { type Problem, problem } from '@tax-control/protocol';
import { CONSOLE_LIMITS, type Period, type Step } from '@tax-control/protocol/console';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
/** The shortest that a step can be, so that no period is let through that has more of them. */
const STEP_MS_MIN: Readonly<Record<Step, number>> = {
  hour: HOUR_MS,
  day: 23 * HOUR_MS,
  week: 7 * DAY_MS - HOUR_MS,
  month: 28 * DAY_MS - HOUR_MS,
};
/** Both ends may lie inside of a step. */
const PARTIAL_STEPS = 2;

/** What is wrong with a period whose members are well formed; null when nothing is. */
export function judgePeriod({ from, to, zone, step }: Period): Problem | null {
  if (!isZone(zone)) return problem('zone_unknown');
  const fromMs = Date.parse(from);
  const toMs = Date.parse(to);
  if (toMs <= fromMs) return problem('period_backwards');
  const longest = new Date(fromMs);
  longest.setUTCFullYear(longest.getUTCFullYear() + CONSOLE_LIMITS.periodYearsMax);
  if (toMs > longest.getTime()) return problem('period_too_long');
  const steps = Math.ceil((toMs - fromMs) / STEP_MS_MIN[step]) + PARTIAL_STEPS;
  if (steps > CONSOLE_LIMITS.seriesPointsMax)
    return problem('too_many_steps', { allowed: CONSOLE_LIMITS.seriesPointsMax });
  return null;
}

/** Whether the runtime's IANA database has a zone. */
export function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
