import type { Filter } from '@tax-control/protocol/console';
import type { PremisesDirectory, PremisesPlace } from '../../registry/premises-directory.js';

/** Premises that whoever asks may see. */
export type View = 'all' | readonly string[];

/** Levels at which sums are kept, the widest first. `all` has one unit, with the empty id. */
export const LEVELS = ['all', 'region', 'taxpayer', 'premises', 'terminal'] as const;
export type Level = (typeof LEVELS)[number];

/** One sum that is kept: of a whole region, of one terminal. */
export interface ScopeUnit {
  readonly level: Level;
  readonly id: string;
}

/**
 * Where a report looks: what the official may see and the filter asks for, both.
 * @property units cover it without overlap and are few, so that sums that are kept can be added; none: it looks nowhere
 * @property premises for what is read row by row: all, or these
 * @property terminals where the filter names some: these alone, all of them standing in `premises`; else null
 */
export interface Scope {
  readonly units: readonly ScopeUnit[];
  readonly premises: 'all' | readonly string[];
  readonly terminals: readonly string[] | null;
}

/** Resolves what an official may see and a filter to a scope. What is unknown or may not be seen is simply not in it. */
export async function resolveScope(directory: PremisesDirectory, view: View, filter: Filter): Promise<Scope> {
  // Where somebody may not see all, premises registered a moment ago must not count as whole with those that he may see.
  const places = await (view === 'all' ? directory.all() : directory.refresh());
  const seen = placesOf(places, view, filter);
  const isAll = view === 'all' && seen.length === places.length;
  const premises = isAll ? 'all' : seen.map(({ premisesId }) => premisesId);
  if (filter.terminalIds === undefined) {
    return { units: isAll ? [{ level: 'all', id: '' }] : coverOf(places, seen), premises, terminals: null };
  }
  const allowed = new Set(seen.map(({ premisesId }) => premisesId));
  const named = await directory.ofTerminals(filter.terminalIds);
  const terminals = named.flatMap(({ terminalId, premisesId }) => (allowed.has(premisesId) ? [terminalId] : [])).sort();
  return { units: terminals.map((id) => ({ level: 'terminal', id })), premises, terminals };
}

function placesOf(places: readonly PremisesPlace[], view: View, filter: Filter): readonly PremisesPlace[] {
  const allows = [
    memberTest(view === 'all' ? undefined : view, ({ premisesId }) => premisesId),
    memberTest(filter.regions, ({ region }) => region),
    memberTest(filter.taxpayerIds, ({ taxpayerId }) => taxpayerId),
    memberTest(filter.premisesIds, ({ premisesId }) => premisesId),
  ];
  return places.filter((place) => allows.every((allow) => allow(place)));
}

function memberTest(
  values: readonly string[] | undefined,
  valueOf: (place: PremisesPlace) => string,
): (place: PremisesPlace) => boolean {
  if (values === undefined) return () => true;
  const allowed = new Set(values);
  return (place) => allowed.has(valueOf(place));
}

/** Whole regions, then whole taxpayers in what is left, then premises one by one. */
function coverOf(places: readonly PremisesPlace[], seen: readonly PremisesPlace[]): readonly ScopeUnit[] {
  const regions = whole(places, seen, ({ region }) => region);
  const outside = seen.filter(({ region }) => !regions.has(region));
  const taxpayers = whole(places, outside, ({ taxpayerId }) => taxpayerId);
  const single = outside.filter(({ taxpayerId }) => !taxpayers.has(taxpayerId));
  return [
    ...[...regions].map((id) => ({ level: 'region', id }) as const),
    ...[...taxpayers].map((id) => ({ level: 'taxpayer', id }) as const),
    ...single.map(({ premisesId }) => ({ level: 'premises', id: premisesId }) as const),
  ];
}

/** Of what `part` touches, what lies wholly in it. */
function whole(
  places: readonly PremisesPlace[],
  part: readonly PremisesPlace[],
  keyOf: (place: PremisesPlace) => string,
): ReadonlySet<string> {
  const missing = new Map<string, number>();
  for (const place of part) missing.set(keyOf(place), 0);
  for (const place of places) if (missing.has(keyOf(place))) add(missing, keyOf(place), 1);
  for (const place of part) add(missing, keyOf(place), -1);
  return new Set([...missing].flatMap(([key, count]) => (count === 0 ? [key] : [])));
}

function add(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
