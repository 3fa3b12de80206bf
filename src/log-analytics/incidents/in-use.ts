import type { Places } from './failure.js';
import { INCIDENT_RULE, quarterOf } from './rule.js';

/** How many terminals of each premises tried anything around one quarter-hour. */
export type InUse = ReadonlyMap<string, number>;

/** In-use terminals by quarter-hour of an incident's beginning ({@link quarterOf}). */
export type InUseByQuarter = ReadonlyMap<number, InUse>;

/** The quarter-hours in which a terminal must have tried anything to be in use at `quarter`; both inclusive. */
export function quartersAround(quarter: number): { readonly from: number; readonly to: number } {
  return { from: quarter - INCIDENT_RULE.inUseQuarters, to: quarter + INCIDENT_RULE.inUseQuarters };
}

/** The same from a list of attempts: what generated outages are judged by, and what the kept table must agree with. */
export function countInUse(
  attempts: readonly { readonly terminalId: string; readonly at: number }[],
  places: Places,
  quarter: number,
): InUse {
  const { from, to } = quartersAround(quarter);
  const terminals = new Set<string>();
  for (const { terminalId, at } of attempts) {
    const tried = quarterOf(at);
    if (tried >= from && tried <= to) terminals.add(terminalId);
  }
  const counts = new Map<string, number>();
  for (const terminalId of terminals) {
    const premisesId = places.get(terminalId)?.premisesId;
    if (premisesId !== undefined) counts.set(premisesId, (counts.get(premisesId) ?? 0) + 1);
  }
  return counts;
}
