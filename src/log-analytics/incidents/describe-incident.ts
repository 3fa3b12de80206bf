import {
  type Incident,
  INCIDENT_TERMINALS_SHOWN,
  type IncidentKind,
  type IncidentPage,
  type IncidentReason,
} from '@tax-control/protocol/console';
import type { Places } from './failure.js';
import type { IncidentGroup } from './group-failures.js';
import type { Impact } from './impact-store.js';
import type { Scope } from './name-scope.js';
import { INCIDENT_RULE, MINUTE_MS } from './rule.js';

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
    lastFailure: timeOf(lastFailureOf(group)),
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

/** The last failure that belongs to it: stragglers' own come after its end. */
function lastFailureOf({ members, start, end }: IncidentGroup): number {
  const within = members.map(({ lastFailureAt }) => lastFailureAt).filter((at) => end === null || at <= end);
  return Math.max(start, ...within);
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
    reason: reasonOf(group),
  };
}

function reasonOf({ scope, figures, kind }: IncidentGroup): IncidentReason {
  if (figures === null) throw new Error('who was in use when the incident began was not counted');
  return { rule: ruleOf(kind, scope), ...figures, togetherMinutes: INCIDENT_RULE.beginTogetherMs / MINUTE_MS };
}

function ruleOf(kind: IncidentKind, scope: Scope): IncidentReason['rule'] {
  const isAlone = scope.kind === 'terminal';
  if (kind === 'certificate') return isAlone ? 'certificate_alone' : 'certificate';
  if (scope.kind === 'terminal') return 'alone';
  return scope.kind;
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
