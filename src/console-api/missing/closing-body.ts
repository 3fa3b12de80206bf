import { One } from '../query/rules.js';
import { IDENTIFIER_RULE, REASON_RULE, TIME_RULE } from '../query/text-rules.js';

/** Body that declares a seasonal closing. */
export class ClosingBody {
  @One(IDENTIFIER_RULE) readonly premisesId: string = '';
  @One(TIME_RULE) readonly start: string = '';
  @One(TIME_RULE) readonly end: string = '';
  @One(REASON_RULE) readonly reason: string = '';
}
