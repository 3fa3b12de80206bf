import type { FailureInterval, Place, Places } from './failure.js';
import type { InUse } from './in-use.js';
import { INCIDENT_RULE } from './rule.js';

/** What failures that began together have in common, the widest that holds. `id` is null for the whole country. */
export type Scope =
  | { readonly kind: 'terminal' | 'premises' | 'taxpayer' | 'region'; readonly id: string }
  | { readonly kind: 'server'; readonly id: null };

/** Figures behind a name: how many failed together, of how many in use then. */
export interface ScopeFigures {
  readonly failing: number;
  readonly inUse: number;
  readonly failingTaxpayers: number;
  readonly taxpayersInUse: number;
}

/** `figures` are null where a till failed alone and nobody counted who else was in use. */
export interface NamedScope {
  readonly scope: Scope;
  readonly figures: ScopeFigures | null;
}

/** A place in each of the premises, by their id. */
export type Shops = ReadonlyMap<string, Place>;

export function shopsOf(places: Places): Shops {
  return new Map([...places.values()].map((place) => [place.premisesId, place]));
}

/** Tills of one shop, counted. */
interface ShopCount {
  readonly place: Place;
  readonly failing: number;
  readonly inUse: number;
}

/**
 * Names what the failures that may have begun with `anchor` have in common. A pure function.
 * @param together `anchor` among them
 * @param inUse tills in use around the beginning, by premises; whoever fails was in use too
 */
export function nameScope(
  anchor: Place,
  together: readonly Pick<FailureInterval, 'terminalId'>[],
  places: Places,
  shopPlaces: Shops,
  inUse: InUse,
): NamedScope {
  const shops = countShops(together, places, shopPlaces, inUse);
  const inRegion = shops.filter(({ place }) => place.region === anchor.region);
  const ofTaxpayer = shops.filter(({ place }) => place.taxpayerId === anchor.taxpayerId);
  const ofPremises = shops.filter(({ place }) => place.premisesId === anchor.premisesId);
  if (isEverywhere(shops)) return { scope: { kind: 'server', id: null }, figures: figuresOf(shops) };
  if (isWide(inRegion)) return { scope: { kind: 'region', id: anchor.region }, figures: figuresOf(inRegion) };
  if (isOfParts(ofTaxpayer, 2, ({ premisesId }) => premisesId))
    return { scope: { kind: 'taxpayer', id: anchor.taxpayerId }, figures: figuresOf(ofTaxpayer) };
  if (isOfParts(ofPremises, 2, ({ premisesId }) => premisesId, 1))
    return { scope: { kind: 'premises', id: anchor.premisesId }, figures: figuresOf(ofPremises) };
  return { scope: { kind: 'terminal', id: anchor.terminalId }, figures: figuresOf(ofPremises) };
}

function countShops(
  together: readonly Pick<FailureInterval, 'terminalId'>[],
  places: Places,
  shopPlaces: Shops,
  inUse: InUse,
): readonly ShopCount[] {
  const failing = new Map<string, Set<string>>();
  const placeOf = new Map<string, Place>();
  for (const { terminalId } of together) {
    const place = places.get(terminalId);
    if (place === undefined) continue;
    const tills = failing.get(place.premisesId) ?? new Set();
    failing.set(place.premisesId, tills.add(terminalId));
    placeOf.set(place.premisesId, place);
  }
  for (const premisesId of inUse.keys()) {
    const place = shopPlaces.get(premisesId);
    if (place !== undefined && !placeOf.has(premisesId)) placeOf.set(premisesId, place);
  }
  return [...placeOf.values()].map((place) => {
    const count = failing.get(place.premisesId)?.size ?? 0;
    return { place, failing: count, inUse: Math.max(count, inUse.get(place.premisesId) ?? 0) };
  });
}

/** More than half of the regions in use, at least two, each failing as a whole, and the country as a whole too. */
function isEverywhere(shops: readonly ShopCount[]): boolean {
  const regions = new Map<string, ShopCount[]>();
  for (const shop of shops) regions.set(shop.place.region, [...(regions.get(shop.place.region) ?? []), shop]);
  const failing = [...regions.values()].filter((region) => shareOf(region) >= INCIDENT_RULE.shareMin);
  return failing.length >= 2 && failing.length > regions.size / 2 && isWide(shops);
}

/** Half of the tills and half of the taxpayers, at least two of them: otherwise it is one taxpayer's own trouble. */
function isWide(shops: readonly ShopCount[]): boolean {
  const { failingTaxpayers, taxpayersInUse } = figuresOf(shops);
  return (
    isOfParts(shops, INCIDENT_RULE.wideTerminalsMin, ({ taxpayerId }) => taxpayerId) &&
    failingTaxpayers >= taxpayersInUse * INCIDENT_RULE.shareMin
  );
}

/** Enough tills, in enough different parts, and enough of those in use. */
function isOfParts(
  shops: readonly ShopCount[],
  terminalsMin: number,
  partOf: (place: Place) => string,
  partsMin = 2,
): boolean {
  const failing = shops.filter((shop) => shop.failing > 0);
  const parts = new Set(failing.map(({ place }) => partOf(place)));
  return parts.size >= partsMin && figuresOf(shops).failing >= terminalsMin && shareOf(shops) >= INCIDENT_RULE.shareMin;
}

function shareOf(shops: readonly ShopCount[]): number {
  const { failing, inUse } = figuresOf(shops);
  return inUse === 0 ? 0 : failing / inUse;
}

function figuresOf(shops: readonly ShopCount[]): ScopeFigures {
  const taxpayers = new Set(shops.map(({ place }) => place.taxpayerId));
  const failing = new Set(shops.filter((shop) => shop.failing > 0).map(({ place }) => place.taxpayerId));
  return {
    failing: shops.reduce((sum, shop) => sum + shop.failing, 0),
    inUse: shops.reduce((sum, shop) => sum + shop.inUse, 0),
    failingTaxpayers: failing.size,
    taxpayersInUse: taxpayers.size,
  };
}

/** Whether a place lies in a scope. */
export function isInScope(place: Place | undefined, scope: Scope): boolean {
  if (place === undefined) return false;
  if (scope.kind === 'server') return true;
  if (scope.kind === 'region') return place.region === scope.id;
  if (scope.kind === 'taxpayer') return place.taxpayerId === scope.id;
  if (scope.kind === 'premises') return place.premisesId === scope.id;
  return place.terminalId === scope.id;
}
