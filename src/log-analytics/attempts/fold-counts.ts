import type { AttemptPoint, CauseCount, CausePoint, Figure, ShareFigure } from '@tax-control/protocol/console';
import { groupOf } from '../statistics/causes.js';
import type { Span } from '../statistics/period.js';
import type { StepCount } from './read-counts.js';

/** The three sides of a comparison. */
export interface Compared<Value> {
  readonly value: Value;
  readonly before: Value;
  readonly sameWeekday: Value;
}

/** Attempts by what became of them. */
export type Totals = Omit<AttemptPoint, 'start' | 'end'> & { readonly atIssueDoor: number };

type Counts = Pick<StepCount, 'door' | 'outcome' | 'attempts'>;

/** What became of attempts. Stored offline: a sale that got no code at the issue door, and was not refused. Pure. */
export function totalsOf(counts: readonly Counts[]): Totals {
  const sum = (test: (count: Counts) => boolean): number =>
    counts.reduce((total, count) => total + (test(count) ? count.attempts : 0), 0);
  const isStored = ({ outcome }: Counts): boolean =>
    outcome === 'failed' || outcome === 'deferred' || outcome === 'not_authenticated' || outcome === 'not_tried';
  return {
    attempts: sum(() => true),
    issuedOnline: sum(({ door, outcome }) => door === 'issue' && outcome === 'issued'),
    storedOffline: sum((count) => count.door === 'issue' && isStored(count)),
    reissued: sum(({ door, outcome }) => door === 'reissue' && outcome === 'issued'),
    alreadyIssued: sum(({ outcome }) => outcome === 'already_issued'),
    refused: sum(({ outcome }) => outcome === 'refused'),
    deferred: sum(({ outcome }) => outcome === 'deferred'),
    failed: sum(({ outcome }) => outcome === 'failed'),
    notAuthenticated: sum(({ outcome }) => outcome === 'not_authenticated'),
    notTried: sum(({ outcome }) => outcome === 'not_tried'),
    atIssueDoor: sum(({ door }) => door === 'issue'),
  };
}

/** A point for each step, also where nothing happened. */
export function seriesOf(counts: readonly StepCount[], steps: readonly Span[]): AttemptPoint[] {
  const ofStep = byStep(counts);
  return steps.map(({ fromMs, toMs }, index) => {
    const { atIssueDoor: _, ...totals } = totalsOf(ofStep.get(index) ?? []);
    return { start: new Date(fromMs).toISOString(), end: new Date(toMs).toISOString(), ...totals };
  });
}

/** Failures by cause, the most frequent first. */
export function causesIn(counts: Compared<readonly StepCount[]>): CauseCount[] {
  const sums = mapCompared(counts, causeSums);
  const causes = new Set([sums.value, sums.before, sums.sameWeekday].flatMap((one) => [...one.keys()]));
  return [...causes]
    .map((cause) => ({
      cause,
      group: groupOf(cause),
      count: mapCompared(sums, (one) => one.get(cause)?.count ?? 0),
      notTried: mapCompared(sums, (one) => one.get(cause)?.notTried ?? 0),
    }))
    .sort((one, other) => other.count.value - one.count.value || (one.cause < other.cause ? -1 : 1));
}

/** Failures by cause and step, where there are any. */
export function causeSeriesOf(counts: readonly StepCount[], steps: readonly Span[]): CausePoint[] {
  return [...byStep(counts)]
    .sort(([one], [other]) => one - other)
    .flatMap(([step, ofStep]) =>
      [...causeSums(ofStep)]
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([cause, sums]) => ({
          start: new Date(steps[step]?.fromMs ?? Number.NaN).toISOString(),
          cause,
          group: groupOf(cause),
          ...sums,
        })),
    );
}

function byStep(counts: readonly StepCount[]): Map<number, StepCount[]> {
  const steps = new Map<number, StepCount[]>();
  for (const count of counts) {
    const list = steps.get(count.step);
    if (list === undefined) steps.set(count.step, [count]);
    else list.push(count);
  }
  return steps;
}

/** Failures of a cause, and how many of them were not even tried. */
type CauseSums = Pick<CausePoint, 'count' | 'notTried'>;

function causeSums(counts: readonly StepCount[]): Map<string, CauseSums> {
  const sums = new Map<string, CauseSums>();
  for (const { cause, outcome, attempts } of counts) {
    if (cause === '') continue;
    const { count, notTried } = sums.get(cause) ?? { count: 0, notTried: 0 };
    sums.set(cause, { count: count + attempts, notTried: notTried + (outcome === 'not_tried' ? attempts : 0) });
  }
  return sums;
}

export function mapCompared<From, To>(compared: Compared<From>, change: (one: From) => To): Compared<To> {
  return {
    value: change(compared.value),
    before: change(compared.before),
    sameWeekday: change(compared.sameWeekday),
  };
}

/** One total with what it is compared to. */
export function figureOf(totals: Compared<Totals>, name: keyof Totals): Figure {
  return mapCompared(totals, (one) => one[name]);
}

/** Sales that had to wait, of all that were tried at the issue door; null where none was. */
export function offlineShare(totals: Compared<Totals>): ShareFigure {
  return mapCompared(totals, ({ storedOffline, atIssueDoor }) =>
    atIssueDoor === 0 ? null : storedOffline / atIssueDoor,
  );
}
