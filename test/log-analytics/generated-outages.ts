import type { FailureInterval, Place, Places } from '../../src/log-analytics/incidents/failure.js';

/** Attempts of generated fleets with outages whose truth is known. Times in milliseconds. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export interface GeneratedAttempt {
  readonly terminalId: string;
  readonly at: number;
  /** Null: answered. */
  readonly cause: string | null;
}

export type OutageKind = 'terminal' | 'premises' | 'taxpayer' | 'region' | 'server' | 'certificate';

/** What really happened. */
export interface TrueOutage {
  readonly kind: OutageKind;
  readonly subject: string | null;
  readonly start: number;
  readonly end: number;
  readonly terminals: ReadonlySet<string>;
}

export interface GeneratedDay {
  readonly places: Places;
  readonly attempts: readonly GeneratedAttempt[];
  readonly outage: TrueOutage;
}

export interface DayOptions {
  readonly seed: number;
  readonly kind: OutageKind;
  /** Part of attempts that fail for no lasting reason, and part of tills that have an outage of their own that day. */
  readonly noise: { readonly blipShare: number; readonly ownOutageShare: number };
}

/** Numbers from 0 to 1 that are the same for a seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One day of a fleet with exactly one outage of the wanted kind, and noise. */
export function generateDay({ seed, kind, noise }: DayOptions): GeneratedDay {
  const random = randomOf(seed);
  const places = makeFleet(random);
  const opens = Date.UTC(2026, 9, 1 + Math.floor(random() * 28), 7);
  const closes = opens + 12 * HOUR_MS;
  const start = opens + HOUR_MS + Math.floor(random() * 8 * HOUR_MS);
  const end = start + Math.floor((20 + random() * 100) * MINUTE_MS);
  const outage = { kind, start, end, ...chooseSubject(kind, places, random) };
  const attempts: GeneratedAttempt[] = [];
  for (const { terminalId } of places.values()) {
    // A sale every two to eight minutes: a till that is in use.
    const pauseMs = (2 + random() * 6) * MINUTE_MS;
    const own = random() < noise.ownOutageShare && !outage.terminals.has(terminalId) ? ownOutage(random, opens) : null;
    for (let at = opens + random() * pauseMs; at < closes; at += pauseMs * (0.3 + random() * 1.4)) {
      const time = Math.floor(at);
      attempts.push({
        terminalId,
        at: time,
        cause: causeAt(terminalId, time, outage, own, random() < noise.blipShare),
      });
    }
  }
  return { places, attempts, outage };
}

function causeAt(
  terminalId: string,
  at: number,
  outage: TrueOutage,
  own: { readonly from: number; readonly to: number } | null,
  isBlip: boolean,
): string | null {
  if (outage.terminals.has(terminalId) && at >= outage.start && at < outage.end) {
    if (outage.kind === 'certificate') return 'certificate_expired';
    return at % 2 === 0 ? 'connect_timeout' : 'connection_refused';
  }
  if (own !== null && at >= own.from && at < own.to) return 'no_route';
  return isBlip ? 'answer_timeout' : null;
}

function ownOutage(random: () => number, opens: number): { readonly from: number; readonly to: number } {
  const from = opens + Math.floor(random() * 10 * HOUR_MS);
  return { from, to: from + Math.floor((10 + random() * 60) * MINUTE_MS) };
}

/** Three to five regions, each with single shops of one to four tills, and two chains with shops in two regions. */
function makeFleet(random: () => number): Places {
  const places = new Map<string, Place>();
  const regions = Array.from({ length: 3 + Math.floor(random() * 3) }, (_, index) => `region-${index}`);
  const addShop = (taxpayerId: string, region: string): void => {
    const premisesId = `premises-${new Set([...places.values()].map((place) => place.premisesId)).size}`;
    const tills = 1 + Math.floor(random() * 4);
    for (let till = 0; till < tills; till++) {
      const terminalId = `${premisesId}-till-${till}`;
      const names = { premisesName: `Shop ${premisesId}`, taxpayerName: `Taxpayer ${taxpayerId}` };
      places.set(terminalId, { terminalId, premisesId, taxpayerId, region, ...names });
    }
  };
  for (const [index, region] of regions.entries())
    for (let shop = 0; shop < 4 + Math.floor(random() * 4); shop++) addShop(`single-${index}-${shop}`, region);
  for (const chain of ['chain-a', 'chain-b'])
    for (const region of regions.slice(0, 2)) for (let shop = 0; shop < 2; shop++) addShop(chain, region);
  return places;
}

function chooseSubject(
  kind: OutageKind,
  places: Places,
  random: () => number,
): Pick<TrueOutage, 'subject' | 'terminals'> {
  const all = [...places.values()];
  const pick = <Value>(values: readonly Value[]): Value => {
    const value = values[Math.floor(random() * values.length)];
    if (value === undefined) throw new Error('nothing to pick from');
    return value;
  };
  const of = (
    subject: string | null,
    belongs: (place: Place) => boolean,
  ): Pick<TrueOutage, 'subject' | 'terminals'> => ({
    subject,
    terminals: new Set(all.filter(belongs).map(({ terminalId }) => terminalId)),
  });
  if (kind === 'server') return of(null, () => true);
  if (kind === 'taxpayer') {
    const chain = pick(['chain-a', 'chain-b']);
    return of(chain, ({ taxpayerId }) => taxpayerId === chain);
  }
  const { region, premisesId, terminalId } = pick(all);
  if (kind === 'region') return of(region, (place) => place.region === region);
  if (kind !== 'premises') return of(terminalId, (place) => place.terminalId === terminalId);
  const shops = new Set(all.map((place) => place.premisesId));
  const large = [...shops].filter((shop) => all.filter((place) => place.premisesId === shop).length > 1);
  const shop = large.includes(premisesId) ? premisesId : pick(large);
  return of(shop, (place) => place.premisesId === shop);
}

/** Failures of each terminal between two answered attempts: the plainest way to say what the kept table must hold. */
export function intervalsOf(attempts: readonly GeneratedAttempt[]): FailureInterval[] {
  const intervals: FailureInterval[] = [];
  const open = new Map<string, { success: number | null; failures: GeneratedAttempt[] }>();
  const close = (terminalId: string, endedAt: number | null): void => {
    const run = open.get(terminalId);
    const [first] = run?.failures ?? [];
    const last = run?.failures.at(-1);
    if (run === undefined || first === undefined || last === undefined) return;
    intervals.push({
      terminalId,
      successBefore: run.success,
      startedAt: first.at,
      lastFailureAt: last.at,
      endedAt,
      failures: run.failures.length,
      invoices: run.failures.length,
      quietMs: Math.max(0, ...run.failures.slice(1).map(({ at }, index) => at - (run.failures[index]?.at ?? at))),
      cause: mostFrequent(run.failures.map(({ cause }) => cause ?? '')),
    });
  };
  for (const attempt of attempts.toSorted((one, other) => one.at - other.at)) {
    const { terminalId, at, cause } = attempt;
    if (cause === null) {
      close(terminalId, at);
      open.set(terminalId, { success: at, failures: [] });
    } else {
      const run = open.get(terminalId) ?? { success: null, failures: [] };
      run.failures.push(attempt);
      open.set(terminalId, run);
    }
  }
  for (const terminalId of open.keys()) close(terminalId, null);
  return intervals;
}

/** Of equals the first by name. */
function mostFrequent(causes: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const cause of causes) counts.set(cause, (counts.get(cause) ?? 0) + 1);
  return [...counts].toSorted(([one, many], [other, more]) => more - many || (one < other ? -1 : 1))[0]?.[0] ?? '';
}
