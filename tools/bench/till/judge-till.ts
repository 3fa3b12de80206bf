import { rounded } from '../bench.js';
import { quantile } from '../figures.js';

/** What was measured. Times in milliseconds, rates in invoices a second. */
export interface TillMeasured {
  readonly sales: readonly number[];
  readonly inserts: readonly number[];
  /** Of the backlog: how many invoices got their codes, and in how many seconds. */
  readonly drained: { readonly invoices: number; readonly seconds: number };
  /** What the server takes over one connection, before and after. */
  readonly oneConnection: readonly number[];
  /** And over sixteen. */
  readonly reissue: number;
}

export interface TillFigures {
  readonly ratio: number;
  readonly p50: number;
  readonly p99: number;
  readonly insertP50: number;
  readonly insertP99: number;
  readonly drained: number;
  readonly serverTakes: number;
  readonly drainedRatio: number;
  /** What the server takes over sixteen connections. */
  readonly reissue: number;
  /** In the journal. */
  readonly invoices: number;
}

/** Sums up what a till did. Pure. */
export function judgeTill({ sales, inserts, drained, oneConnection, reissue }: TillMeasured): TillFigures {
  const [p99, insertP99] = [quantileOf(sales, 0.99), quantileOf(inserts, 0.99)];
  const rate = drained.invoices / drained.seconds;
  const serverTakes = oneConnection.reduce((sum, one) => sum + one, 0) / oneConnection.length;
  return {
    ratio: rounded(p99 / insertP99),
    p50: rounded(quantileOf(sales, 0.5)),
    p99: rounded(p99),
    insertP50: rounded(quantileOf(inserts, 0.5)),
    insertP99: rounded(insertP99),
    drained: rounded(rate, 0),
    serverTakes: rounded(serverTakes, 0),
    drainedRatio: rounded(rate / serverTakes),
    reissue: rounded(reissue, 0),
    invoices: drained.invoices,
  };
}

function quantileOf(times: readonly number[], share: number): number {
  return quantile(
    times.toSorted((one, other) => one - other),
    share,
  );
}
