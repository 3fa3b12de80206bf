import type { CauseGroup } from '../catalogue/causes.js';
import type { Door } from '../receipt/receipt.js';
import type { AttemptOutcome } from '../transaction-log/log-entry.js';
import type { CauseCount, CausePoint, WarningCount } from './statistics.js';
import type { Period } from './period.js';

/** Failures of one terminal in the period; `causes` with the most frequent first. `notTried`: of the failures. */
export interface TerminalFailures {
  readonly terminalId: string;
  readonly premisesId: string;
  readonly premisesName: string;
  readonly region: string;
  readonly taxpayerId: string;
  readonly attempts: number;
  readonly failures: number;
  readonly notTried: number;
  readonly causes: readonly { readonly cause: string; readonly count: number }[];
}

/** One cell of hour × weekday in the period's zone. `weekday` as in ISO 8601: 1 Monday … 7 Sunday. */
export interface HeatCell {
  readonly weekday: number;
  readonly hour: number;
  readonly attempts: number;
  readonly failures: number;
}

/** `GET /v1/console/failures`. A failure is an attempt that was refused, deferred, failed, not authenticated or not tried. */
export interface Failures {
  readonly period: Period;
  readonly causes: readonly CauseCount[];
  readonly causeSeries: readonly CausePoint[];
  /** Where each step of the period begins, also those without a failure. */
  readonly steps: readonly string[];
  readonly topTerminals: readonly TerminalFailures[];
  readonly heatMap: readonly HeatCell[];
  readonly warnings: readonly WarningCount[];
}

/** One attempt as a row of `GET /v1/console/failures/entries`, newest first. Texts are as the till sent them: show, never interpret. */
export interface AttemptRow {
  readonly entryId: string;
  readonly terminalId: string;
  readonly premisesId: string;
  readonly premisesName: string;
  readonly region: string;
  readonly taxpayerId: string;
  readonly at: string;
  readonly receivedAt: string;
  /** Who told of it: the till's own entry, or only the server so far. */
  readonly source: 'till' | 'server';
  /** The time is not believable, so the entry is in no hour. */
  readonly unplaced: boolean;
  readonly door: Door;
  readonly invoiceId: string | null;
  readonly outcome: AttemptOutcome;
  readonly cause: string | null;
  readonly group: CauseGroup | null;
  readonly detail: string | null;
  readonly address: string | null;
  readonly connectMs: number | null;
  readonly tlsMs: number | null;
  readonly answerMs: number | null;
  readonly totalMs: number | null;
}

/** Extra query members of the entries: `outcome` (repeatable), and `all=true` to see successes too. */
export interface AttemptRowFilter {
  readonly outcomes?: readonly AttemptOutcome[];
  readonly all?: boolean;
  readonly unplaced?: boolean;
}
