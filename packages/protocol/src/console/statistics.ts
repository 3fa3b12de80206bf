import type { CauseGroup } from '../catalogue/causes.js';
import type { WarningCode } from '../catalogue/warnings.js';
import type { Durations, Figure, MoneyFigure, Period, ShareFigure } from './period.js';

/**
 * Attempts of a period, by the time at which they began. One attempt is one, however many saw it. Times that no clock can
 * have meant (1970, 2100) are counted in `unplaced` alone.
 */
export interface AttemptFigures {
  readonly attempts: Figure;
  /** Codes given at the issue door, first time. */
  readonly issuedOnline: Figure;
  /** Sales that got no code at the sale and waited in a journal: attempts of the issue door that failed, were deferred, not authenticated or not tried. */
  readonly storedOffline: Figure;
  readonly reissued: Figure;
  readonly alreadyIssued: Figure;
  readonly refused: Figure;
  readonly deferred: Figure;
  readonly failed: Figure;
  readonly notAuthenticated: Figure;
  /** Not even tried, because the line was known to be down. They count under the cause that was found. */
  readonly notTried: Figure;
  /** storedOffline of all sales that were tried (issue door), 0 … 1. */
  readonly offlineShare: ShareFigure;
  /** Refused authentications that no attempt id names: strangers, and handshakes without a request. */
  readonly refusedAuthentications: Figure;
  /** Uploaded in the period with a time outside every believable hour: kept, in no other figure. */
  readonly unplaced: Figure;
}

/** One step of the stacked chart and of causes over time. `start` inclusive, `end` exclusive, RFC 3339. */
export interface AttemptPoint {
  readonly start: string;
  readonly end: string;
  readonly attempts: number;
  readonly issuedOnline: number;
  readonly storedOffline: number;
  readonly reissued: number;
  readonly alreadyIssued: number;
  readonly refused: number;
  readonly deferred: number;
  readonly failed: number;
  readonly notAuthenticated: number;
  readonly notTried: number;
}

/** One cause; what this version does not know is counted as `unknown`. */
export interface CauseCount {
  readonly cause: string;
  readonly group: CauseGroup;
  readonly count: Figure;
  /** Of `count`: attempts that were not even made, because the line was known to be down for this cause. */
  readonly notTried: Figure;
}

/** Failures of one cause in one step; steps without one are left out. */
export interface CausePoint {
  readonly start: string;
  readonly cause: string;
  readonly group: CauseGroup;
  readonly count: number;
  /** Of `count`. */
  readonly notTried: number;
}

export interface TillDurations {
  readonly connect: Durations;
  readonly tls: Durations;
  readonly answer: Durations;
  readonly total: Durations;
}

/** What the transaction logs and the server's own events tell of a period. */
export interface AttemptStatistics {
  readonly period: Period;
  readonly figures: AttemptFigures;
  readonly series: readonly AttemptPoint[];
  readonly causes: readonly CauseCount[];
  readonly causeSeries: readonly CausePoint[];
  readonly durations: TillDurations;
}

/** Invoices of a period by their time of sale; types that are no fiscal receipt are in `notFiscal` alone. */
export interface InvoiceFigures {
  /** Invoices with a code. */
  readonly invoices: Figure;
  readonly online: Figure;
  readonly reissued: Figure;
  /** Known from a till's log since a time in the period, without code and not refused yet, at this moment. */
  readonly pending: Figure;
  /** By the time of refusal: what can't be believed has no time of sale. */
  readonly refusedInvoices: Figure;
  readonly notFiscal: Figure;
  readonly withWarnings: Figure;
}

/**
 * Money of one currency, as it was signed: what goes back to the customer is negative. Turnover: sales, refunds and voids summed. The void of a
 * refund is positive, so voids may be above zero.
 */
export interface CurrencyFigures {
  readonly currency: string;
  readonly turnover: MoneyFigure;
  readonly salesCount: Figure;
  readonly sales: MoneyFigure;
  readonly refundsCount: Figure;
  readonly refunds: MoneyFigure;
  readonly voidsCount: Figure;
  readonly voids: MoneyFigure;
  readonly taxes: readonly TaxFigures[];
}

/** Tax of one category and rate (per cent, decimal string). */
export interface TaxFigures {
  readonly category: string;
  readonly rate: string;
  readonly base: MoneyFigure;
  readonly amount: MoneyFigure;
}

export interface InvoicePoint {
  readonly start: string;
  readonly end: string;
  readonly online: number;
  readonly reissued: number;
  readonly refused: number;
}

/** Turnover of one currency in one step. */
export interface TurnoverPoint {
  readonly start: string;
  readonly currency: string;
  readonly turnover: string;
  readonly refunds: string;
  readonly voids: string;
}

export interface WarningCount {
  readonly warning: WarningCode;
  readonly count: Figure;
}

/** What the ledger tells of a period. */
export interface InvoiceStatistics {
  readonly period: Period;
  readonly figures: InvoiceFigures;
  readonly series: readonly InvoicePoint[];
  readonly money: readonly CurrencyFigures[];
  readonly turnoverSeries: readonly TurnoverPoint[];
  /** Time from sale to code of reissued invoices. */
  readonly saleToCode: Durations;
  readonly warnings: readonly WarningCount[];
}

/** `GET /v1/console/statistics`. */
export interface Overview {
  readonly attempts: AttemptStatistics;
  readonly invoices: InvoiceStatistics;
}
