import { MISSING_KINDS, type MissingKind } from '@tax-control/protocol/console';
import { One } from '../query/rules.js';
import { FilterParameters } from '../query/report-parameters.js';
import { oneOf } from '../query/text-rules.js';

/** One kind of what is missing, as it is now. */
export class MissingParameters extends FilterParameters {
  @One(oneOf(MISSING_KINDS)) readonly kind: MissingKind = 'gap';
}
