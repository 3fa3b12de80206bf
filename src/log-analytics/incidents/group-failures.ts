import { createHash } from 'node:crypto';
import type { IncidentKind } from '@tax-control/protocol/console';
import {
  type FailureClass,
  failureClass,
  type FailureInterval,
  isServerCertificate,
  isTerminalCertificate,
  mainCause,
  type Places,
} from './failure.js';
import { groupEnd } from './group-end.js';
import type { InUseByQuarter } from './in-use.js';
import { byStart, joinFlapping } from './join-flapping.js';
import { isInScope, nameScope, type NamedScope, type Scope } from './name-scope.js';
import { INCIDENT_RULE, quarterOf } from './rule.js';

/** Failures that began together and what they have in common. Times in milliseconds; `end` is null while it lasts. */
export interface IncidentGroup extends NamedScope {
  readonly incidentId: string;
  readonly kind: IncidentKind;
  readonly cause: string;
  readonly start: number;
  readonly end: number | null;
  readonly members: readonly FailureInterval[];
}

interface Candidate {
  readonly interval: FailureInterval;
  readonly class: FailureClass;
  taken: boolean;
}

/**
 * Groups failures of terminals into incidents, by the rule of docs/incidents.md. A pure function: the same failures give the same
 * incidents in whatever order they come.
 * @param places of all terminals that the asking official may see; failures of others are left out
 * @param inUse for the quarters that {@link quartersInDoubt} names
 * @param now until when a failure that has not ended lasts
 */
export function groupFailures(
  intervals: readonly FailureInterval[],
  places: Places,
  inUse: InUseByQuarter,
  now: number,
): IncidentGroup[] {
  const candidates = candidatesOf(intervals, places);
  const groups: IncidentGroup[] = [];
  for (const [index, anchor] of candidates.entries()) {
    if (anchor.taken) continue;
    const together = beganTogether(candidates, index);
    const named = nameGroup(anchor, together, places, inUse);
    const members = gather(anchor, candidates, index, named.scope, places, now);
    anchor.taken = true;
    const group = toGroup(
      named,
      members.map(({ interval }) => interval),
    );
    if (!isIncident(group, now)) continue;
    for (const member of members) member.taken = true;
    groups.push(group);
  }
  return groups;
}

/** The quarter-hours ({@link quarterOf}) for which it must be known who was in use: where several failed together. */
export function quartersInDoubt(intervals: readonly FailureInterval[], places: Places): number[] {
  const candidates = candidatesOf(intervals, places);
  const quarters = new Set<number>();
  for (const [index, { interval, class: ofClass }] of candidates.entries())
    if (ofClass === 'line' && beganTogether(candidates, index).length > 1) quarters.add(quarterOf(interval.startedAt));
  return [...quarters];
}

function candidatesOf(intervals: readonly FailureInterval[], places: Places): Candidate[] {
  return joinFlapping(intervals.filter(({ terminalId }) => places.has(terminalId)))
    .toSorted(byStart)
    .map((interval) => ({ interval, class: failureClass(interval.cause), taken: false }));
}

/** Failures that may be one with that at `index`, the first: no answer since shortly after its beginning, and back when it was. */
function beganTogether(candidates: readonly Candidate[], index: number): Candidate[] {
  const anchor = candidates[index];
  if (anchor === undefined) return [];
  if (anchor.class === 'till') return [anchor];
  const { startedAt, endedAt } = anchor.interval;
  const noticedBy = Math.min(endedAt ?? Number.POSITIVE_INFINITY, startedAt + INCIDENT_RULE.noticeMsMax);
  const together: Candidate[] = [anchor];
  for (let next = index + 1; next < candidates.length; next++) {
    const other = candidates[next];
    if (other === undefined || other.interval.startedAt > noticedBy) break;
    if (isAlike(anchor, other) && mayHaveBegunAt(other, startedAt) && endedTogether(anchor, other))
      together.push(other);
  }
  return together;
}

/** Lines are alike whatever their errors say; certificates only where they are refused for the same cause. */
function isAlike(anchor: Candidate, other: Candidate): boolean {
  if (other.taken || other.class !== anchor.class) return false;
  return anchor.class === 'line' || anchor.interval.cause === other.interval.cause;
}

function mayHaveBegunAt({ interval }: Candidate, start: number): boolean {
  return (interval.successBefore ?? Number.NEGATIVE_INFINITY) <= start + INCIDENT_RULE.beginTogetherMs;
}

/** Neither had answers while the other went on failing. */
function endedTogether({ interval: one }: Candidate, { interval: other }: Candidate): boolean {
  const isBackBefore = (back: FailureInterval, failing: FailureInterval): boolean =>
    back.endedAt !== null && failing.lastFailureAt > back.endedAt + INCIDENT_RULE.endTogetherMs;
  return !isBackBefore(one, other) && !isBackBefore(other, one);
}

function nameGroup(
  anchor: Candidate,
  together: readonly Candidate[],
  places: Places,
  inUse: InUseByQuarter,
): NamedScope {
  const place = places.get(anchor.interval.terminalId);
  if (place === undefined) throw new Error('a failure without a place is no candidate');
  const counts = inUse.get(quarterOf(anchor.interval.startedAt)) ?? new Map<string, number>();
  const named = nameScope(
    place,
    together.map(({ interval }) => interval),
    places,
    counts,
  );
  if (anchor.class === 'line') return named;
  const alone: Scope = { kind: 'terminal', id: place.terminalId };
  // Certificates that are refused at the same time for the same cause have that in common, wherever the tills stand; that several
  // were suspended is somebody's decision for each.
  const isShared = together.length > 1 && isTerminalCertificate(anchor.interval.cause);
  const scope: Scope = isShared ? { kind: 'server', id: null } : alone;
  return { scope, figures: named.figures };
}

/** All that belongs to the scope's incident: those that noticed late too, as long as it lasts. */
function gather(
  anchor: Candidate,
  candidates: readonly Candidate[],
  index: number,
  scope: Scope,
  places: Places,
  now: number,
): Candidate[] {
  const { startedAt } = anchor.interval;
  const members: Candidate[] = [anchor];
  let end = anchor.interval.endedAt ?? now;
  // Sorted by beginning: a later one can only lengthen what earlier ones have begun, so that once through is enough.
  for (let next = index + 1; next < candidates.length; next++) {
    const other = candidates[next];
    if (other === undefined || other.interval.startedAt > end) break;
    if (!isAlike(anchor, other) || !mayHaveBegunAt(other, startedAt)) continue;
    if (!isInScope(places.get(other.interval.terminalId), scope)) continue;
    members.push(other);
    end = Math.max(end, groupEnd(members.map(({ interval }) => interval)) ?? now);
  }
  return members;
}

/** Many tills that stumble at once are an incident however short; a few are one when it lasts. */
function isIncident({ scope, start, end, members }: IncidentGroup, now: number): boolean {
  if (scope.kind === 'server' || scope.kind === 'region') return true;
  const failures = members.reduce((sum, member) => sum + member.failures, 0);
  const { singleFailuresMin, groupFailuresMin, singleMsMin } = INCIDENT_RULE;
  const failuresMin = scope.kind === 'terminal' ? singleFailuresMin : groupFailuresMin;
  return failures >= failuresMin && (end ?? now) - start >= singleMsMin;
}

function toGroup(named: NamedScope, members: readonly FailureInterval[]): IncidentGroup {
  const start = Math.min(...members.map(({ startedAt }) => startedAt));
  const cause = mainCause(members);
  const kind = kindOf(named.scope, cause);
  const subject = named.scope.id;
  return { ...named, incidentId: identify(start, kind, subject), kind, cause, start, end: groupEnd(members), members };
}

function kindOf(scope: Scope, cause: string): IncidentKind {
  if (isTerminalCertificate(cause)) return 'certificate';
  return scope.kind === 'server' && isServerCertificate(cause) ? 'certificate' : scope.kind;
}

const SUBJECT_DIGITS = 10;

/** The same incident has the same id at every request: when it began, and what is named. */
function identify(start: number, kind: IncidentKind, subject: string | null): string {
  const digest = createHash('sha256')
    .update(`${kind} ${subject ?? ''}`)
    .digest('hex');
  return `${start}-${digest.slice(0, SUBJECT_DIGITS)}`;
}

/** Beginning of the incident with this id; null when it is no id. */
export function startOfId(incidentId: string): number | null {
  const [, start] = /^(\d{1,14})-[0-9a-f]{10}$/.exec(incidentId) ?? [];
  return start === undefined ? null : Number(start);
}
