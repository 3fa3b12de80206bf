import type { Standing } from './contest.js';
import type { Place } from './place.js';

/** How much is measured. */
export interface Extent {
  /** Rounds that count. */
  readonly rounds: number;
  /** Invoices of one round of one contestant; null: as many as the bench says. */
  readonly invoices: number | null;
  /** Connections of the online door; null: every number that the bench has. */
  readonly connections: number | null;
  /** Whether all benches run, so that each has less time. */
  readonly isAmongAll: boolean;
}

export interface BenchContext {
  readonly place: Place;
  readonly extent: Extent;
  readonly report: (line: string) => void;
  /** Told before the first round that is worth a profile, and after the last. */
  readonly onCounting: (isBegin: boolean) => void;
  readonly signal: AbortSignal;
}

/** One line of the table: what was measured, ours, what stood beside it, how they compare, and what is to be reached. */
export type Row = readonly [what: string, ours: string, beside: string, compared: string, goal: string];

export interface BenchResult {
  readonly rows: readonly Row[];
  /** What a program reads. */
  readonly figures: object;
  /** Of ours, for what has to be the same when it is sent again. */
  readonly standings: readonly Standing[];
}

/** Something that is measured in the one place where everything is. */
export interface Bench {
  readonly name: string;
  readonly what: string;
  /** Why this machine cannot measure it; null: it can. */
  readonly unfit?: () => string | null;
  /** Whether it measures what processes take before they did anything; left out: they are warmed up before. */
  readonly isCold?: true;
  /** Tills that it needs; left out: no more than the most connections. */
  readonly tills?: number;
  run(context: BenchContext): Promise<BenchResult>;
}

/** Two digits say what a machine's noise leaves. */
export function rounded(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}
