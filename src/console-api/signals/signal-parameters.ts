import type { Problem } from '@tax-control/protocol';
import {
  type Period,
  REPORT_STATES,
  type ReportQuery,
  type ReportState,
  SIGNAL_MARKS,
  SIGNAL_RULES,
  type SignalMark,
  type SignalRule,
  STEPS,
} from '@tax-control/protocol/console';
import { judgePeriod } from '../query/judge-period.js';
import { PageParameters } from '../query/page-parameters.js';
import { FilterParameters } from '../query/report-parameters.js';
import { MaybeOne } from '../query/rules.js';
import { oneOf, TIME_RULE, ZONE_RULE } from '../query/text-rules.js';

/** Signals are judged by month: without a period, those of this month and the two before it are meant. */
const DAYS_WITHOUT_PERIOD = 62;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Signals of the months that a period touches. */
export class SignalParameters extends FilterParameters {
  @MaybeOne(TIME_RULE) readonly from?: string;
  @MaybeOne(TIME_RULE) readonly to?: string;
  /** Months are those of UTC; who sends a whole period may. */
  @MaybeOne(ZONE_RULE) readonly zone?: string;
  @MaybeOne(oneOf(STEPS)) readonly step?: string;
  @MaybeOne(oneOf(SIGNAL_RULES)) readonly rule?: SignalRule;
  @MaybeOne(oneOf(SIGNAL_MARKS)) readonly mark?: SignalMark;

  override judge(nowMs: number): Problem | null {
    return judgePeriod(this.#period(nowMs)) ?? super.judge(nowMs);
  }

  /** @param nowMs milliseconds since 1970: the end of the period where none is named */
  report(nowMs: number): ReportQuery {
    return { period: this.#period(nowMs), filter: this.filter() };
  }

  #period(nowMs: number): Period {
    const to = this.to ?? new Date(nowMs).toISOString();
    const from = this.from ?? new Date(Date.parse(to) - DAYS_WITHOUT_PERIOD * DAY_MS).toISOString();
    return { from, to, zone: 'UTC', step: 'month' };
  }
}

/** Customers' reports. */
export class CustomerReportParameters extends PageParameters {
  @MaybeOne(oneOf(REPORT_STATES)) readonly state?: ReportState;
}
