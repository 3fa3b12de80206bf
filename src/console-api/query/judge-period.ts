import { type Problem, problem } from '@tax-control/protocol';
import { CONSOLE_LIMITS, type Period } from '@tax-control/protocol/console';
import { readPeriod } from '../../log-analytics/statistics/period.js';
import { isZone } from '../../log-analytics/statistics/zone.js';

/** What is wrong with a period whose members are well formed; null when nothing is, and then every report takes it. */
export function judgePeriod(period: Period): Problem | null {
  const { from, to, zone } = period;
  if (!isZone(zone)) return problem('zone_unknown');
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  if (toMs <= fromMs) return problem('period_backwards');
  const longest = new Date(fromMs);
  longest.setUTCFullYear(longest.getUTCFullYear() + CONSOLE_LIMITS.periodYearsMax);
  if (toMs > longest.getTime()) return problem('period_too_long');
  // What is left of its rules: how many steps a series may have.
  return readPeriod(period).ok ? null : problem('too_many_steps', { allowed: CONSOLE_LIMITS.seriesPointsMax });
}
