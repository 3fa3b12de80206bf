import type { BenchTerminal } from './terminals.js';

/** What the bench tells its load generator: first a set-up, then rounds. */
export type LoadCommand = SetUp | PrepareRound | RunRound;

export interface SetUp {
  readonly command: 'set-up';
  /** One connection each, to either server. */
  readonly terminals: readonly BenchTerminal[];
  readonly authorityPem: string;
  readonly ports: Readonly<Record<Contestant, number>>;
  /** Where invoices and receipts go, as lines of JSON like a till's export, for the audit. */
  readonly exportFile: string;
}

/** Makes the invoices of a round and opens connections; nothing of it is measured. */
export interface PrepareRound {
  readonly command: 'prepare';
  readonly contestant: Contestant;
  readonly invoices: number;
}

export interface RunRound {
  readonly command: 'run';
}

export type Contestant = 'ours' | 'baseline';

export type LoadReport =
  | { readonly report: 'ready' }
  | { readonly report: 'failed'; readonly message: string }
  | ({ readonly report: 'round' } & RoundResult);

export interface RoundResult {
  readonly invoices: number;
  readonly seconds: number;
  /** Processor time of the load generator itself while it was sending, seconds. */
  readonly generatorSeconds: number;
  /** Milliseconds from sending to answer, ascending. */
  readonly latencies: readonly number[];
  /** Of `ours`: resends of invoices of this round, and how many got the very same receipt. */
  readonly resent: number;
  readonly resentSame: number;
}
