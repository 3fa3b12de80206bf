import type { FailureCause } from '@tax-control/protocol';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './calendar.js';
import type { PlannedTill } from './fleet-plan.js';
import type { Random } from './random.js';

/** Why a till does not get through at a moment, as its log says it. */
export interface Miss {
  readonly cause: FailureCause;
  readonly detail: string;
  /** What the sale waited for it. */
  readonly waitedMs: number;
}

export interface Outage {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly miss: Miss;
  hits(till: PlannedTill): boolean;
}

/** The tills of whom something is odd, by id; null where the fleet is too small for another one. */
export interface OddTills {
  readonly badClock: string | null;
  readonly expiring: string | null;
  readonly endingSoon: string | null;
  readonly gap: string | null;
  readonly voider: string | null;
  readonly learner: string | null;
}

/** What happens in the month beside selling. Times are milliseconds since 1970. */
export interface Story {
  readonly outages: readonly Outage[];
  readonly odd: OddTills;
  /** From then on the clock of one till runs ahead. */
  readonly clockFromMs: number;
  /** When the certificate of one till ends, and when somebody enrols it again. */
  readonly expiryMs: number;
  readonly enrolledAgainMs: number;
  /** When one till loses invoices that it had signed. */
  readonly gapMs: number;
  /** Until then one till only trains. */
  readonly trainingUntilMs: number;
  /** A version of the tills' software that computes some taxes wrongly, in the shops of one taxpayer. */
  readonly faulty: { readonly taxpayerId: string; readonly fromMs: number; readonly toMs: number };
}

/** How far the one clock is ahead: somebody set it by hand. */
export const CLOCK_AHEAD_MS = 37 * MINUTE_MS;
/** Invoices that the one till signs and loses. */
export const LOST_INVOICES = 3;

const TIMED_OUT: Miss = { cause: 'connect_timeout', detail: 'ETIMEDOUT', waitedMs: 1_500 };
const REFUSED: Miss = { cause: 'connection_refused', detail: 'ECONNREFUSED', waitedMs: 12 };
const NO_NAME: Miss = { cause: 'name_not_resolved', detail: 'EAI_AGAIN', waitedMs: 240 };

/** Writes the month: three outages of different kinds and the odd tills; the same for the same stream. */
export function writeStory(tills: readonly PlannedTill[], startMs: number, days: number, random: Random): Story {
  const at = (share: number, hour: number): number => startMs + Math.floor(share * days) * DAY_MS + hour * HOUR_MS;
  const biggestRegion = mostCommon(tills.map(({ premises }) => premises.region));
  const smallShops = tills.filter(({ premises }) => premises.activity !== 'books');
  const shop = random.pick(smallShops.length === 0 ? tills : smallShops).premises;
  const outages: Outage[] = [
    outage('the server away', at(0.2, 13), 55 * MINUTE_MS, REFUSED, () => true),
    outage(
      `the line of the region ${biggestRegion}`,
      at(0.5, 10),
      3 * HOUR_MS + 20 * MINUTE_MS,
      TIMED_OUT,
      (till) => till.premises.region === biggestRegion,
    ),
    outage(
      `the router of ${shop.name}`,
      at(0.73, 15),
      26 * HOUR_MS,
      NO_NAME,
      (till) => till.premises.premisesId === shop.premisesId,
    ),
  ];
  // None of them in the shop whose line is down for a day.
  const others = tills.filter(({ premises }) => premises.premisesId !== shop.premisesId);
  const odd = oddTills(others, random.fork('odd'));
  return {
    outages,
    odd,
    clockFromMs: at(0.15, 9),
    expiryMs: at(0.6, 11),
    enrolledAgainMs: at(0.6, 11) + 30 * HOUR_MS,
    gapMs: at(0.4, 12),
    trainingUntilMs: startMs + 2 * DAY_MS,
    faulty: {
      taxpayerId: mostCommon(others.map(({ premises }) => premises.taxpayerId)),
      fromMs: at(0.85, 8),
      toMs: at(0.85, 20),
    },
  };
}

/** Why a till does not get through; null when it does. */
export function missOf(story: Story, till: PlannedTill, timeMs: number): Miss | null {
  const found = story.outages.find((each) => timeMs >= each.fromMs && timeMs < each.toMs && each.hits(till));
  return found?.miss ?? null;
}

function outage(name: string, fromMs: number, lengthMs: number, miss: Miss, hits: Outage['hits']): Outage {
  return { name, fromMs, toMs: fromMs + lengthMs, miss, hits };
}

function oddTills(tills: readonly PlannedTill[], random: Random): OddTills {
  const left = tills.map(({ terminalId }) => terminalId);
  const take = (): string | null => {
    if (left.length === 0) return null;
    const [taken] = left.splice(random.whole(0, left.length - 1), 1);
    return taken ?? null;
  };
  return { badClock: take(), expiring: take(), endingSoon: take(), gap: take(), voider: take(), learner: take() };
}

/** @param names at least one */
function mostCommon(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const [first = ['', 0]] = [...counts].toSorted(
    ([one, less], [other, more]) => more - less || one.localeCompare(other),
  );
  return first[0];
}
