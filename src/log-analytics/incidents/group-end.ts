import type { FailureInterval } from './failure.js';
import { INCIDENT_RULE } from './rule.js';

/**
 * When what made these fail was over: the first answer that any of them got after the last failure that still belongs to it. Failures
 * after two thirds were back are stragglers' own. Null while fewer are back. A pure function.
 */
export function groupEnd(members: readonly FailureInterval[]): number | null {
  const ends = members.map(({ endedAt }) => endedAt ?? Number.POSITIVE_INFINITY).toSorted((one, other) => one - other);
  const mostBack = ends[Math.ceil(ends.length * INCIDENT_RULE.backShare) - 1] ?? Number.POSITIVE_INFINITY;
  if (mostBack === Number.POSITIVE_INFINITY) return null;
  const failures = members.map(({ lastFailureAt }) => lastFailureAt).filter((at) => at <= mostBack);
  const lastFailure = failures.reduce((latest, at) => Math.max(latest, at), Number.NEGATIVE_INFINITY);
  return ends.find((end) => end >= lastFailure) ?? mostBack;
}
