import { REPORT_STATES, type ReportState, SIGNAL_MARKS, type SignalMark } from '@tax-control/protocol/console';
import { One } from '../query/rules.js';
import { NOTE_RULE, oneOf } from '../query/text-rules.js';

/** Body that says what an official thinks of a signal. */
export class MarkBody {
  @One(oneOf(SIGNAL_MARKS)) readonly mark: SignalMark = 'open';
  @One(NOTE_RULE) readonly note: string = '';
}

/** Body that says what became of a customer's report. */
export class ReportStateBody {
  @One(oneOf(REPORT_STATES)) readonly state: ReportState = 'new';
  @One(NOTE_RULE) readonly note: string = '';
}
