import type { PlannedOutage } from '@tax-control/protocol/console';
import type { Place, Places } from './failure.js';
import type { IncidentGroup } from './group-failures.js';
import { INCIDENT_RULE } from './rule.js';

/**
 * The declared outage of which an incident is part: it began while that was declared, give or take what tills need to notice, and
 * all of its terminals lie within the declared scope. Null: nobody declared it.
 */
export function matchOutage(group: IncidentGroup, outages: readonly PlannedOutage[], places: Places): string | null {
  const slack = INCIDENT_RULE.beginTogetherMs;
  const match = outages.find(
    (outage) =>
      outage.withdrawnAt === null &&
      group.start >= Date.parse(outage.start) - slack &&
      group.start <= Date.parse(outage.end) &&
      group.members.every(({ terminalId }) => isWithin(places.get(terminalId), outage)),
  );
  return match?.plannedOutageId ?? null;
}

function isWithin(place: Place | undefined, { scope, scopeId }: PlannedOutage): boolean {
  if (scope === 'all') return true;
  if (place === undefined) return false;
  const id = {
    region: place.region,
    taxpayer: place.taxpayerId,
    premises: place.premisesId,
    terminal: place.terminalId,
  };
  return id[scope] === scopeId;
}
