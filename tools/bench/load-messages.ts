import type { BenchTerminal } from './terminals.js';

/** Servers that requests go to. `second`: another process of ours on the same database. */
export type Target = 'ours' | 'baseline' | 'second';

/** How requests come. Each connection is of a till of its own. */
export type Load =
  /** Over kept-alive connections, each as fast as it is answered. */
  | { readonly shape: 'kept'; readonly connections: number; readonly invoices: number }
  /** A connection for each sale: handshake, request, close; so many at a time. `isResumed`: by the session of the till's last connection. */
  | { readonly shape: 'each'; readonly connections: number; readonly invoices: number; readonly isResumed: boolean }
  /** At the late door, so many invoices in a list. */
  | { readonly shape: 'lists'; readonly connections: number; readonly invoices: number; readonly listInvoices: number }
  /** At their time, whatever became of those before (no coordinated omission): `rate` a second over kept-alive connections. */
  | { readonly shape: 'open'; readonly connections: number; readonly rate: number; readonly seconds: number };

/** What the bench tells its load generator: first a set-up, then rounds. */
export type LoadCommand = SetUp | PrepareRound | RunRound | HoldIdle;

export interface SetUp {
  readonly command: 'set-up';
  readonly terminals: readonly BenchTerminal[];
  readonly authorityPem: string;
  readonly ports: Readonly<Record<Target, number>>;
  /** Where invoices and receipts go, as lines of JSON like a till's export, for the audit. */
  readonly exportFile: string;
}

/** Makes the invoices of a round and opens connections; nothing of it is measured. The targets share the connections. */
export interface PrepareRound {
  readonly command: 'prepare';
  readonly targets: readonly Target[];
  readonly load: Load;
}

export interface RunRound {
  readonly command: 'run';
}

/** Opens so many connections and keeps them, without a word; 0 closes them. */
export interface HoldIdle {
  readonly command: 'hold-idle';
  readonly target: Target;
  readonly connections: number;
}

export type LoadReport =
  | { readonly report: 'ready' }
  | { readonly report: 'failed'; readonly message: string }
  | ({ readonly report: 'round' } & RoundResult);

export interface RoundResult {
  readonly invoices: number;
  readonly seconds: number;
  /** Processor time of the load generator itself while it was sending, seconds. */
  readonly generatorSeconds: number;
  /** Milliseconds from sending (or from when it was due) to answer, ascending. */
  readonly latencies: readonly number[];
  /** Of ours: resends of invoices of this round, and how many got the very same receipt. */
  readonly resent: number;
  readonly resentSame: number;
  /** Of connections for each sale: how many resumed a session. */
  readonly resumed: number;
}
