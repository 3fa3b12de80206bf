import type { SignalFact, SignalRule } from '@tax-control/protocol/console';
import { type Comparison, comparisons } from './peers.js';
import { SIGNAL_RULE } from './rules.js';

/** A till and one calendar month. */
export interface TillInMonth {
  readonly terminalId: string;
  readonly premisesId: string;
  readonly premisesName: string;
  readonly taxpayerId: string;
  readonly region: string;
  readonly activity: string;
  /** First day, YYYY-MM-DD. */
  readonly month: string;
}

/** What is known of a till in one calendar month of business days; counts of invoices unless the name says otherwise. */
export interface TerminalMonth extends TillInMonth {
  readonly sales: number;
  readonly refunds: number;
  readonly voids: number;
  readonly trainings: number;
  readonly withoutOriginal: number;
  readonly backwards: number;
  readonly backwardsSecondsMax: number;
  /** Business days on which something was taken back after the last sale, and how many invoices that were. */
  readonly closingDays: number;
  readonly takenBackAfterClosing: number;
  /** Times and minutes in which it alone could not get through. */
  readonly aloneTimes: number;
  readonly aloneMinutes: number;
}

/** A reason to look. `measured` and `threshold` are in the same unit. */
export interface FoundSignal {
  readonly rule: SignalRule;
  readonly month: TillInMonth;
  readonly measured: number;
  readonly threshold: number;
  readonly facts: readonly SignalFact[];
}

/** All signals of one month's tills, by the rules of docs/incidents.md. A pure function. */
export function judgeMonth(months: readonly TerminalMonth[]): FoundSignal[] {
  return [
    ...judgeShares('void_share', months, ({ voids }) => voids),
    ...judgeShares('refund_share', months, ({ refunds }) => refunds),
    ...months.flatMap(judgeAlone),
  ];
}

function judgeShares(
  rule: 'void_share' | 'refund_share',
  months: readonly TerminalMonth[],
  countOf: (month: TerminalMonth) => number,
): FoundSignal[] {
  const judged = months
    .filter((month) => fiscal(month) >= SIGNAL_RULE.invoicesMin)
    .map((month) => ({ ...month, share: countOf(month) / fiscal(month), taken: countOf(month), month }));
  const compare = comparisons(judged);
  return judged.flatMap((peer) => {
    const comparison = compare(peer);
    if (comparison.among === null || peer.taken < SIGNAL_RULE.takenBackMin || peer.share <= comparison.limit) return [];
    const facts = [
      { name: rule === 'void_share' ? 'voids' : 'refunds', value: peer.taken },
      { name: 'invoices', value: fiscal(peer) },
      ...comparisonFacts(comparison),
    ];
    return [{ rule, month: peer.month, measured: peer.share, threshold: comparison.limit, facts }];
  });
}

function comparisonFacts({ among, peers, median }: Comparison): SignalFact[] {
  return [
    { name: 'comparedWith', value: among ?? 'nobody' },
    { name: 'comparedTills', value: peers },
    { name: 'median', value: median },
  ];
}

function judgeAlone(month: TerminalMonth): FoundSignal[] {
  const all = fiscal(month) + month.trainings;
  const takenBack = month.refunds + month.voids;
  const rule = SIGNAL_RULE;
  const found: FoundSignal[] = [];
  const add = (name: SignalRule, measured: number, threshold: number, facts: Record<string, number>): void => {
    const named = Object.entries(facts).map(([fact, value]) => ({ name: fact, value }));
    found.push({ rule: name, month, measured, threshold, facts: named });
  };
  if (month.closingDays >= rule.closingDaysMin)
    add('refunds_after_closing', month.closingDays, rule.closingDaysMin, { takenBack: month.takenBackAfterClosing });
  if (month.aloneTimes >= rule.aloneMin)
    add('offline_alone', month.aloneTimes, rule.aloneMin, { minutes: month.aloneMinutes });
  if (month.backwards >= rule.backwardsMin)
    add('issued_at_backwards', month.backwards, rule.backwardsMin, { secondsMax: month.backwardsSecondsMax });
  const unnamed = takenBack === 0 ? 0 : month.withoutOriginal / takenBack;
  if (month.withoutOriginal >= rule.withoutOriginalMin && unnamed >= rule.withoutOriginalShareMin)
    add('refunds_without_original', unnamed, rule.withoutOriginalShareMin, {
      withoutOriginal: month.withoutOriginal,
      takenBack,
    });
  const training = all === 0 ? 0 : month.trainings / all;
  if (month.trainings >= rule.trainingMin && training >= rule.trainingShareMin)
    add('much_training', training, rule.trainingShareMin, { trainings: month.trainings, invoices: all });
  return found;
}

/** Invoices that count in turnover. */
function fiscal({ sales, refunds, voids }: Pick<TerminalMonth, 'sales' | 'refunds' | 'voids'>): number {
  return sales + refunds + voids;
}
