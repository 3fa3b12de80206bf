import { type Incident, INCIDENT_TERMINALS_SHOWN, type IncidentPage } from '@tax-control/protocol/console';
import type { Places } from './failure.js';
import type { IncidentGroup } from './group-failures.js';
import type { Impact } from './impact-store.js';
import { INCIDENT_RULE } from './rule.js';

/** An incident as officials see it. */
export function describeIncident(
  group: IncidentGroup,
  impact: Impact,
  places: Places,
  plannedOutageId: string | null,
): Incident {
  const terminalIds = [...new Set(group.members.map(({ terminalId }) => terminalId))];
  const drainedAt = drainedAtOf(group, impact);
  return {
    incidentId: group.incidentId,
    kind: group.kind,
    subject: group.scope.id,
    subjectName: subjectName(group, places),
    cause: group.cause,
    start: timeOf(group.start),
    end: group.end === null ? null : timeOf(group.end),
    terminals: terminalIds.length,
    terminalIds: terminalIds.slice(0, INCIDENT_TERMINALS_SHOWN),
    failures: group.members.reduce((sum, { failures }) => sum + failures, 0),
    invoicesStored: impact.invoicesStored,
    value: impact.value,
    drainedAt: drainedAt === null ? null : timeOf(drainedAt),
    drainMs: drainedAt === null || group.end === null ? null : Math.max(0, drainedAt - group.end),
    plannedOutageId,
  };
}

/** Nothing stored is drained at the end; what has not ended is not drained. */
function drainedAtOf({ end }: IncidentGroup, { waiting, lastRegisteredAt }: Impact): number | null {
  if (end === null || waiting > 0) return null;
  return lastRegisteredAt ?? end;
}

/** The same with each terminal and why the rule named it so. @param impacts of each member alone, in order */
export function describePage(
  incident: Incident,
  group: IncidentGroup,
  impacts: readonly Impact[],
  places: Places,
): IncidentPage {
  return {
    ...incident,
    allTerminals: group.members.map((member, index) => ({
      terminalId: member.terminalId,
      premisesId: places.get(member.terminalId)?.premisesId ?? '',
      premisesName: places.get(member.terminalId)?.premisesName ?? '',
      region: places.get(member.terminalId)?.region ?? '',
      start: timeOf(member.startedAt),
      end: member.endedAt === null ? null : timeOf(member.endedAt),
      failures: member.failures,
      invoicesStored: impacts[index]?.invoicesStored ?? 0,
    })),
    explanation: explain(group),
  };
}

function explain({ scope, figures, kind }: IncidentGroup): string {
  const { failing, inUse, failingTaxpayers, taxpayersInUse } = figures;
  const share = `${failing} of ${inUse} tills in use`;
  const together = `began to fail within ${INCIDENT_RULE.beginTogetherMs / 60_000} minutes of each other`;
  if (kind === 'certificate' && scope.kind === 'terminal') return 'This till was refused for its certificate.';
  if (kind === 'certificate') return `${failing} tills were refused for the same cause at the same time.`;
  if (scope.kind === 'terminal') return `No other till failed with it that would explain it; ${share} in this shop.`;
  if (scope.kind === 'premises') return `${share} in this shop ${together}, and not enough elsewhere.`;
  const taxpayers = `of ${failingTaxpayers} of ${taxpayersInUse} taxpayers`;
  if (scope.kind === 'taxpayer')
    return `${share} of this taxpayer ${together}, in several shops, and not enough of others.`;
  if (scope.kind === 'region') return `${share} in this region, ${taxpayers}, ${together}, and not enough elsewhere.`;
  return `${share} in all regions that you see, ${taxpayers}, ${together}.`;
}

function subjectName({ scope, members }: IncidentGroup, places: Places): string | null {
  const place = places.get(members[0]?.terminalId ?? '');
  if (scope.kind === 'premises') return place?.premisesName ?? scope.id;
  if (scope.kind === 'taxpayer') return place?.taxpayerName ?? scope.id;
  return scope.id;
}

function timeOf(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
