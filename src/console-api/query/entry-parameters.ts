import type { AttemptOutcome } from '@tax-control/protocol';
import type { AttemptRowFilter } from '@tax-control/protocol/console';
import { ReportParameters, withoutAbsent } from './report-parameters.js';
import { listOf, MaybeMany, MaybeOne, type Named } from './rules.js';
import { oneOf } from './text-rules.js';

const OUTCOMES = [
  'issued',
  'already_issued',
  'refused',
  'deferred',
  'failed',
  'not_authenticated',
  'repeated',
  'not_tried',
] as const satisfies readonly AttemptOutcome[];
const YES_OR_NO = oneOf(['true', 'false']);

/** Which attempts: failures alone, unless `all=true` or an outcome is named. */
export class EntryParameters extends ReportParameters {
  @MaybeMany(oneOf(OUTCOMES)) readonly outcome?: Named;
  @MaybeOne(YES_OR_NO) readonly all?: string;
  @MaybeOne(YES_OR_NO) readonly unplaced?: string;

  rowFilter(): AttemptRowFilter {
    return withoutAbsent({
      outcomes: listOf(this.outcome) as readonly AttemptOutcome[] | undefined,
      all: this.all === undefined ? undefined : this.all === 'true',
      unplaced: this.unplaced === undefined ? undefined : this.unplaced === 'true',
    });
  }
}
