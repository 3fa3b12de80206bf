import type { CauseGroup } from '../catalogue/causes.js';
import type { Door } from '../receipt/receipt.js';

/** Lengths into which a period is cut, in the calendar of its zone: the day a clock changes has 23 or 25 hours. */
export const STEPS = ['hour', 'day', 'week', 'month'] as const;
export type Step = (typeof STEPS)[number];

/** Bounds of what one request may ask for; the server refuses what lies beyond, the console offers nothing beyond. */
export const CONSOLE_LIMITS = {
  /** Longest period: what tax law lets an office look back on almost everywhere. */
  periodYearsMax: 10,
  /** Points of one series: ten years of days, or five months of hours; no chart shows as many, and a year of hours is 2 MB. */
  seriesPointsMax: 4_000,
  /** Rows of one page of a table. */
  pageSizeMax: 200,
  pageSizeDefault: 50,
  /** Rows that paging reaches; whoever needs row 10,001 needs a narrower filter, or the CSV. */
  pagedRowsMax: 10_000,
  /** Values of one repeated filter in a query: more than anyone picks by hand. */
  filterValuesMax: 50,
  /** Characters of the reason for looking at one shop: a word is enough, a page is too much. */
  reasonLengthMin: 5,
  reasonLengthMax: 500,
} as const;

/**
 * A period as every request names it: `from` inclusive, `to` exclusive, both RFC 3339 instants.
 * @property zone IANA name; steps, weekdays and hours are cut in it
 */
export interface Period {
  readonly from: string;
  readonly to: string;
  readonly zone: string;
  readonly step: Step;
}

/**
 * What a report is narrowed to. Values of one member are alternatives, members must all hold; an absent member does not
 * narrow. It never widens what the official may see.
 */
export interface Filter {
  readonly regions?: readonly string[];
  readonly taxpayerIds?: readonly string[];
  readonly premisesIds?: readonly string[];
  readonly terminalIds?: readonly string[];
  readonly door?: Door;
  readonly causes?: readonly string[];
  readonly causeGroups?: readonly CauseGroup[];
}

/** Period and filter: query members from, to, zone, step, region, taxpayerId, premisesId, terminalId, door, cause, causeGroup. */
export interface ReportQuery {
  readonly period: Period;
  readonly filter: Filter;
}

/**
 * A count with what it is compared to. `before`: the period of the same length right before. `sameWeekday`: the period
 * moved back by the least whole number of weeks that is not shorter than it (local time of the zone), so that Mondays meet Mondays.
 */
export interface Figure {
  readonly value: number;
  readonly before: number;
  readonly sameWeekday: number;
}

/** A figure that may have no value, such as a share of nothing or the median of no times. */
export interface ShareFigure {
  readonly value: number | null;
  readonly before: number | null;
  readonly sameWeekday: number | null;
}

/** A sum of money in the currency's smallest unit, as decimal string: sums of a country pass 2^53. */
export interface MoneyFigure {
  readonly value: string;
  readonly before: string;
  readonly sameWeekday: string;
}

/** Times in milliseconds; null where nothing was measured. Median and p95 come from a histogram; `errorShare` is its largest relative error. */
export interface Durations {
  readonly count: number;
  readonly medianMs: number | null;
  readonly p95Ms: number | null;
  readonly maxMs: number | null;
  readonly errorShare: number;
}

/** Which page of a table; 1 is the first. */
export interface PageQuery {
  readonly page: number;
  readonly pageSize: number;
}

/** One page of a table. `total` is null where counting all would cost more than it tells. */
export interface Page<Row> {
  readonly items: readonly Row[];
  readonly page: number;
  readonly pageSize: number;
  readonly more: boolean;
  readonly total: number | null;
}
