import { failureClass } from '../incidents/failure.js';
import type { IncidentGroup } from '../incidents/group-failures.js';
import { monthOf } from './months.js';

const MINUTE_MS = 60_000;

/** How often and how long a terminal alone could not get through, by `<month> <terminal>`: its incidents of the line that no neighbour shared. */
export function countAlone(
  groups: readonly IncidentGroup[],
): ReadonlyMap<string, { readonly times: number; readonly minutes: number }> {
  const alone = new Map<string, { times: number; minutes: number }>();
  for (const { kind, scope, cause, start, end, members } of groups) {
    if (kind !== 'terminal' || scope.id === null || failureClass(cause) !== 'line') continue;
    const key = `${monthOf(start)} ${scope.id}`;
    const before = alone.get(key) ?? { times: 0, minutes: 0 };
    const until = end ?? Math.max(...members.map(({ lastFailureAt }) => lastFailureAt));
    alone.set(key, {
      times: before.times + 1,
      minutes: before.minutes + Math.round((until - start) / MINUTE_MS),
    });
  }
  return alone;
}
