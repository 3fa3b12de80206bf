import { rounded } from '../bench.js';
import { quantile } from '../figures.js';
import type { Return, SaleSample } from './messages.js';

/** What was measured. Rates in invoices a second, memory in bytes, null where the system does not tell it. */
export interface StormMeasured {
  readonly quiet: readonly SaleSample[];
  readonly storm: readonly SaleSample[];
  readonly returned: Return;
  readonly reissueRate: number;
  readonly quietBytes: number | null;
  readonly stormBytes: number | null;
}

export interface StormFigures {
  /** 99th percentile of the sales of tills that stayed online, milliseconds, and the ratio of the two. */
  readonly ratio: number;
  readonly p99: number;
  readonly quietP99: number;
  /** Shares of sales without a code in time, 0 to 1: of tills that stayed online, and of the first sales of those that came back. */
  readonly offlineShare: number;
  readonly returningOfflineShare: number;
  /** Invoices a second that got their code, until the last one and until nine tenths had it; and the first beside `reissue`. */
  readonly drained: number;
  readonly drainedNineTenths: number;
  readonly drainedRatio: number;
  readonly reissue: number;
  readonly memoryRatio: number | null;
  /** Why sales had no code in time, and how many of tills that stayed online. */
  readonly causes: Readonly<Record<string, number>>;
  readonly sales: number;
  /** Attempts of the returning tills that brought no code, by door and cause. */
  readonly returningFailures: Readonly<Record<string, number>>;
}

/** Sums a storm up. Pure. */
export function judgeStorm({ quiet, storm, returned, reissueRate, ...bytes }: StormMeasured): StormFigures {
  const [p99, quietP99] = [p99Of(storm), p99Of(quiet)];
  const { invoices, seconds, secondsOfNineTenths, sales } = returned;
  const drained = invoices / seconds;
  const { quietBytes, stormBytes } = bytes;
  return {
    ratio: rounded(p99 / quietP99),
    p99: rounded(p99, 1),
    quietP99: rounded(quietP99, 1),
    offlineShare: rounded(offlineShareOf(storm), 4),
    returningOfflineShare: rounded(offlineShareOf(sales), 4),
    drained: rounded(drained, 0),
    drainedNineTenths: rounded((NINE_TENTHS * invoices) / secondsOfNineTenths, 0),
    drainedRatio: rounded(drained / reissueRate),
    reissue: rounded(reissueRate, 0),
    memoryRatio: quietBytes === null || stormBytes === null ? null : rounded(stormBytes / quietBytes),
    causes: causesOf(storm),
    sales: storm.length,
    returningFailures: returned.failures,
  };
}

const NINE_TENTHS = 0.9;

function p99Of(samples: readonly SaleSample[]): number {
  return quantile(
    samples.map(({ tookMs }) => tookMs).toSorted((one, other) => one - other),
    0.99,
  );
}

function offlineShareOf(samples: readonly SaleSample[]): number {
  return samples.filter(({ cause }) => cause !== null).length / samples.length;
}

function causesOf(samples: readonly SaleSample[]): Record<string, number> {
  const causes: Record<string, number> = {};
  for (const { cause } of samples) if (cause !== null) causes[cause] = (causes[cause] ?? 0) + 1;
  return causes;
}
