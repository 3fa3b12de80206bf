import type { BenchTerminal } from '../terminals.js';

/** What the bench tells a process of tills. Each command has one report. */
export type TillsCommand =
  | {
      readonly command: 'set-up';
      readonly terminals: readonly BenchTerminal[];
      readonly authorityPem: string;
      /** Base URL of the server. */
      readonly address: string;
    }
  /** The tills from `from` on, so many, sign invoices while the line is down. */
  | { readonly command: 'store'; readonly from: number; readonly tills: number; readonly invoices: number }
  /** Each till sells once in so many milliseconds, at its times, whatever became of the sales before. */
  | { readonly command: 'start-selling'; readonly intervalMs: number }
  /** Reports the sales since the last such command. */
  | { readonly command: 'take-samples' }
  | { readonly command: 'stop-selling' }
  /** All tills are opened at once, each has a customer, and they bring what waited until nothing waits. */
  | { readonly command: 'come-back'; readonly limitMs: number }
  /** Sends what still waits, writes what the tills hold as an export, and closes them. */
  | { readonly command: 'finish'; readonly exportFile: string };

export type TillsReport =
  | { readonly report: 'done' }
  | { readonly report: 'samples'; readonly samples: readonly SaleSample[] }
  | ({ readonly report: 'returned' } & Return)
  /** `waiting`: invoices without a code. */
  | { readonly report: 'finished'; readonly waiting: number }
  | { readonly report: 'failed'; readonly message: string };

/** A sale as its customer saw it. */
export interface SaleSample {
  /** Milliseconds from when it was due until the MIS had its answer. */
  readonly tookMs: number;
  /** Why it was stored offline; null: it had its code in time. */
  readonly cause: string | null;
}

/** How tills with a backlog came back. */
export interface Return {
  /** Invoices that waited. */
  readonly invoices: number;
  /** Seconds until the last of them had its code, and until nine tenths had. */
  readonly seconds: number;
  readonly secondsOfNineTenths: number;
  /** The sale of each till. */
  readonly sales: readonly SaleSample[];
  /** Attempts of invoices that brought no code, by door and cause. */
  readonly failures: Readonly<Record<string, number>>;
}
