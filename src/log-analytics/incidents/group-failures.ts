import { crc32 } from 'node:zlib';
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
import { isInScope, nameScope, type NamedScope, type Scope, type Shops, shopsOf } from './name-scope.js';
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
 * @param inUse for the quarters that {@link quartersInDoubt} names, and those of which figures of a till that fails alone are wanted
 * @param now until when a failure that has not ended lasts
 */
export function groupFailures(
  intervals: readonly FailureInterval[],
  places: Places,
  inUse: InUseByQuarter,
  now: number,
): IncidentGroup[] {
  const candidates = candidatesOf(intervals, places);
  const shops = shopsOf(places);
  const groups: IncidentGroup[] = [];
  const nameFrom: NameFrom = (index) => {
    const anchor = candidates[index];
    const together = beganTogether(candidates, index);
    return anchor === undefined || together.length < 2 ? null : nameGroup(anchor, together, places, shops, inUse);
  };
  const company = candidates.flatMap((_, index) => (hasCompany(candidates, index, places) ? [index] : []));
  for (const kind of WIDEST_FIRST)
    for (const index of company) {
      const named = nameFrom(index);
      if (named?.scope.kind !== kind) continue;
      const anchor = bestAnchor(candidates, index, named.scope, nameFrom);
      const members = gather(candidates, anchor, named.scope, places, now);
      const group = toGroup(nameFrom(anchor) ?? named, members);
      if (!isIncident(group, now)) continue;
      for (const member of members) member.taken = true;
      addGroup(groups, group, now);
    }
  for (const anchor of candidates) {
    if (anchor.taken) continue;
    const group = toGroup(nameAlone(anchor.interval.terminalId, places, inUse, anchor.interval.startedAt), [anchor]);
    if (isIncident(group, now)) groups.push(group);
  }
  return groups.toSorted((one, other) => one.start - other.start || (one.incidentId < other.incidentId ? -1 : 1));
}

/** Three are enough to know that it is not two. */
const COMPANY_LOOKED_AT = INCIDENT_RULE.wideTerminalsMin;

/** A terminal whose failure nobody shares. Its figures are known where its quarter-hour was counted ({@link groupFailures}). */
function nameAlone(terminalId: string, places: Places, inUse: InUseByQuarter, startedAt: number): NamedScope {
  const counts = inUse.get(quarterOf(startedAt));
  const ofShop = counts?.get(places.get(terminalId)?.premisesId ?? '') ?? 0;
  return {
    scope: { kind: 'terminal', id: terminalId },
    // Whoever fails was in use too.
    figures:
      counts === undefined ? null : { failing: 1, inUse: Math.max(1, ofShop), failingTaxpayers: 1, taxpayersInUse: 1 },
  };
}

/** A till that stumbled right before all failed must not hide what all have in common, so the widest names are looked for first. */
const WIDEST_FIRST: readonly Scope['kind'][] = ['server', 'region', 'taxpayer', 'premises'];

/** What the failures that began with the candidate at an index have in common; null where it fails alone, or belongs to an incident. */
type NameFrom = (index: number) => NamedScope | null;

/** How many that failed next are tried as the beginning: of ten thousand tills hardly more stumble in the minutes before. */
const ANCHORS_TRIED = 25;

/** Of those that name the same shortly after, the first with which the most began: the one before it only stumbled. */
function bestAnchor(candidates: readonly Candidate[], index: number, scope: Scope, nameFrom: NameFrom): number {
  const latest = (candidates[index]?.interval.startedAt ?? 0) + INCIDENT_RULE.stumbleMsMax;
  let best = index;
  let most = beganTogether(candidates, index).length;
  for (let next = index + 1; next <= index + ANCHORS_TRIED; next++) {
    if ((candidates[next]?.interval.startedAt ?? Number.POSITIVE_INFINITY) > latest) break;
    const count = beganTogether(candidates, next).length;
    const named = count > most ? nameFrom(next) : null;
    if (named?.scope.kind === scope.kind && named.scope.id === scope.id) [best, most] = [next, count];
  }
  return best;
}

/** What has the same name and overlaps is one; it began when most of it did. */
function addGroup(groups: IncidentGroup[], group: IncidentGroup, now: number): void {
  const index = groups.findLastIndex(
    ({ kind, scope, start, end }) =>
      kind === group.kind && scope.id === group.scope.id && start < (group.end ?? now) && (end ?? now) > group.start,
  );
  const before = groups[index];
  if (before === undefined) {
    groups.push(group);
    return;
  }
  const larger = group.members.length > before.members.length ? group : before;
  groups[index] = makeGroup(larger, larger.start, [...before.members, ...group.members]);
}

/** The quarter-hours ({@link quarterOf}) for which it must be known who was in use: where several failed together. */
export function quartersInDoubt(intervals: readonly FailureInterval[], places: Places): number[] {
  const candidates = candidatesOf(intervals, places);
  const quarters = new Set<number>();
  for (const [index, { interval, class: ofClass }] of candidates.entries()) {
    const quarter = quarterOf(interval.startedAt);
    if (ofClass === 'line' && !quarters.has(quarter) && hasCompany(candidates, index, places)) quarters.add(quarter);
  }
  return [...quarters];
}

function candidatesOf(intervals: readonly FailureInterval[], places: Places): Candidate[] {
  return joinFlapping(intervals.filter(({ terminalId }) => places.has(terminalId)))
    .toSorted(byStart)
    .map((interval) => ({ interval, class: failureClass(interval.cause), taken: false }));
}

/** Failures that may be one with that at `index`, the first: no answer since shortly after its beginning, and back when it was. */
function beganTogether(
  candidates: readonly Candidate[],
  index: number,
  countMax = Number.POSITIVE_INFINITY,
): Candidate[] {
  const anchor = candidates[index];
  if (anchor === undefined || anchor.taken) return [];
  if (anchor.class === 'till') return [anchor];
  const { startedAt, endedAt } = anchor.interval;
  const noticedBy = Math.min(endedAt ?? Number.POSITIVE_INFINITY, startedAt + INCIDENT_RULE.noticeMsMax);
  const together: Candidate[] = [anchor];
  for (let next = index + 1; together.length < countMax; next++) {
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

/** Whether enough failed with the one at an index for any name but its own: several tills of one taxpayer, or as many as a region takes. */
function hasCompany(candidates: readonly Candidate[], index: number, places: Places): boolean {
  const together = beganTogether(candidates, index, COMPANY_LOOKED_AT);
  if (together.length >= INCIDENT_RULE.wideTerminalsMin) return true;
  const taxpayerOf = (candidate: Candidate | undefined): string | undefined =>
    places.get(candidate?.interval.terminalId ?? '')?.taxpayerId;
  const [anchor, other] = together;
  return other !== undefined && (anchor?.class !== 'line' || taxpayerOf(anchor) === taxpayerOf(other));
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
  shops: Shops,
  inUse: InUseByQuarter,
): NamedScope {
  const place = places.get(anchor.interval.terminalId);
  if (place === undefined) throw new Error('a failure without a place is no candidate');
  const counts = inUse.get(quarterOf(anchor.interval.startedAt)) ?? new Map<string, number>();
  const named = nameScope(
    place,
    together.map(({ interval }) => interval),
    places,
    shops,
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
  candidates: readonly Candidate[],
  index: number,
  scope: Scope,
  places: Places,
  now: number,
): Candidate[] {
  const anchor = candidates[index];
  if (anchor === undefined) return [];
  const { startedAt } = anchor.interval;
  const members: Candidate[] = [anchor];
  const isIn = ({ interval }: Candidate): boolean => isInScope(places.get(interval.terminalId), scope);
  for (let before = index - 1; before >= 0; before--) {
    const other = candidates[before];
    if (other === undefined || other.interval.startedAt < startedAt - INCIDENT_RULE.stumbleMsMax) break;
    const isStillFailing = (other.interval.endedAt ?? now) > startedAt;
    if (isStillFailing && isAlike(anchor, other) && endedTogether(anchor, other) && isIn(other)) members.push(other);
  }
  let end = anchor.interval.endedAt ?? now;
  // Sorted by beginning: a later one can only lengthen what earlier ones have begun, so that once through is enough.
  for (let next = index + 1; next < candidates.length; next++) {
    const other = candidates[next];
    if (other === undefined) break;
    if (other.interval.startedAt > end) {
      end = Math.max(end, groupEnd(members.map(({ interval }) => interval)) ?? now);
      if (other.interval.startedAt > end) break;
    }
    if (isAlike(anchor, other) && mayHaveBegunAt(other, startedAt) && isIn(other)) members.push(other);
  }
  return members;
}

/** Many tills that stumble at once are an incident however short; a few are one when it lasts. */
function isIncident({ scope, start, end, members }: IncidentGroup, now: number): boolean {
  if (scope.kind === 'server' || scope.kind === 'region') return true;
  const failures = members.reduce((sum, member) => sum + member.failures, 0);
  const { singleFailuresMin, groupFailuresMin, singleMsMin } = INCIDENT_RULE;
  const failuresMin = scope.kind === 'terminal' ? singleFailuresMin : groupFailuresMin;
  return failures >= failuresMin && (end ?? now) - start >= singleMsMin && members.some(isProven);
}

/** Whether it is known that a till had no line from its first failure to its last: an invoice had to wait, or it went on failing. */
function isProven({ invoices, quietMs }: FailureInterval): boolean {
  return invoices > 0 || quietMs <= INCIDENT_RULE.quietMsMax;
}

/** @param candidates the first is the one from which the others were found */
function toGroup(named: NamedScope, candidates: readonly Pick<Candidate, 'interval'>[]): IncidentGroup {
  return makeGroup(
    named,
    candidates[0]?.interval.startedAt ?? 0,
    candidates.map(({ interval }) => interval),
  );
}

function makeGroup(named: NamedScope, start: number, members: readonly FailureInterval[]): IncidentGroup {
  const cause = mainCause(members);
  const kind = kindOf(named.scope, cause);
  const subject = named.scope.id;
  return {
    scope: named.scope,
    figures: named.figures,
    incidentId: identify(start, kind, subject),
    kind,
    cause,
    start,
    end: groupEnd(members),
    members,
  };
}

function kindOf(scope: Scope, cause: string): IncidentKind {
  if (isTerminalCertificate(cause)) return 'certificate';
  return scope.kind === 'server' && isServerCertificate(cause) ? 'certificate' : scope.kind;
}

/** The same incident has the same id at every request: when it began, and a check sum of what is named. */
function identify(start: number, kind: IncidentKind, subject: string | null): string {
  return `${start}-${crc32(`${kind} ${subject ?? ''}`)
    .toString(16)
    .padStart(CHECK_SUM_DIGITS, '0')}`;
}

const CHECK_SUM_DIGITS = 8;

/** Beginning of the incident with this id; null when it is no id. */
export function startOfId(incidentId: string): number | null {
  const [, start] = /^(\d{1,14})-[0-9a-f]{8}$/.exec(incidentId) ?? [];
  return start === undefined ? null : Number(start);
}
