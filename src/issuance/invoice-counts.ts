import {
  type Door,
  type InvoiceResult,
  type Problem,
  type ProblemCode,
  type WarningCode,
  WARNINGS,
} from '@tax-control/protocol';
import type { Labels, Sample } from '../observability/metrics/metric-words.js';
import { OutcomeUnknown } from '../database/transaction.js';
import { isOutage } from '../database/sql-failure.js';

/** What became of an invoice at a door. `failed`: it was turned away, or nobody knows; it comes again. */
type CountedResult = InvoiceResult['result'] | 'failed';

const DOORS: readonly Door[] = ['issue', 'reissue'];
const NO_CAUSE = 'none';
/** Are there before they grow: otherwise the first one would be no increase. Warnings are too. */
const COUNTED_FROM_ZERO: readonly (readonly [CountedResult, ProblemCode])[] = [
  ['failed', 'server_busy'],
  ['failed', 'outcome_unknown'],
  ['failed', 'database_unavailable'],
  ['failed', 'internal_error'],
  ['deferred', 'row_refused'],
  ['deferred', 'internal_error'],
];

/** Counts what becomes of invoices: for one that is issued, one number grows. */
export class InvoiceCounts {
  readonly #issued: Record<Door, number> = { issue: 0, reissue: 0 };
  readonly #alreadyIssued: Record<Door, number> = { issue: 0, reissue: 0 };
  readonly #others = new Map<string, { readonly labels: Labels; value: number }>();
  readonly #warnings = new Map(Object.keys(WARNINGS).map((code) => [code as WarningCode, 0]));

  constructor() {
    for (const door of DOORS) for (const [result, cause] of COUNTED_FROM_ZERO) this.turnedAway(door, result, cause, 0);
  }

  /** An outcome that issuance gave. */
  settled(door: Door, result: InvoiceResult): void {
    if (result.result === 'refused' || result.result === 'deferred')
      return this.turnedAway(door, result.result, result.problem.code);
    const counts = result.result === 'issued' ? this.#issued : this.#alreadyIssued;
    counts[door] += 1;
    if (result.result === 'issued')
      for (const { code } of result.warnings) this.#warnings.set(code, (this.#warnings.get(code) ?? 0) + 1);
  }

  /** Invoices that got no code. */
  turnedAway(door: Door, result: CountedResult, cause: Problem['code'], times = 1): void {
    const key = `${door} ${result} ${cause}`;
    const counts = this.#others.get(key) ?? { labels: { door, result, cause }, value: 0 };
    counts.value += times;
    this.#others.set(key, counts);
  }

  /** Invoices of which an exception tells. */
  failed(door: Door, error: unknown, times = 1): void {
    const cause = isOutage(error) ? 'database_unavailable' : 'internal_error';
    this.turnedAway(door, 'failed', error instanceof OutcomeUnknown ? 'outcome_unknown' : cause, times);
  }

  results(): Sample[] {
    return [
      ...DOORS.map((door) => sample(door, 'issued', this.#issued[door])),
      ...DOORS.map((door) => sample(door, 'already_issued', this.#alreadyIssued[door])),
      ...this.#others.values(),
    ];
  }

  warnings(): Sample[] {
    return [...this.#warnings].map(([warning, value]) => ({ labels: { warning }, value }));
  }
}

function sample(door: Door, result: CountedResult, value: number): Sample {
  return { labels: { door, result, cause: NO_CAUSE }, value };
}
