import {
  REPORT_STATES,
  type ReportState,
  SIGNAL_MARKS,
  SIGNAL_RULES,
  type SignalMark,
  type SignalRule,
} from '@tax-control/protocol/console';
import { PageParameters } from '../query/page-parameters.js';
import { ReportParameters } from '../query/report-parameters.js';
import { MaybeOne } from '../query/rules.js';
import { oneOf } from '../query/text-rules.js';

/** Signals of the months that a period touches. */
export class SignalParameters extends ReportParameters {
  @MaybeOne(oneOf(SIGNAL_RULES)) readonly rule?: SignalRule;
  @MaybeOne(oneOf(SIGNAL_MARKS)) readonly mark?: SignalMark;
}

/** Customers' reports. */
export class CustomerReportParameters extends PageParameters {
  @MaybeOne(oneOf(REPORT_STATES)) readonly state?: ReportState;
}
