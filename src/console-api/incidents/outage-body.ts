import { ValidateIf } from 'class-validator';
import type { PlannedOutageDraft } from '@tax-control/protocol/console';
import { One } from '../query/rules.js';
import { oneOf, REASON_RULE, SHORT_TEXT_RULE, TIME_RULE } from '../query/text-rules.js';

const SCOPES = [
  'all',
  'region',
  'taxpayer',
  'premises',
  'terminal',
] as const satisfies readonly PlannedOutageDraft['scope'][];

/** Body that declares a planned outage; `scopeId` is null where everybody is meant. */
export class OutageBody {
  @One(TIME_RULE) readonly start: string = '';
  @One(TIME_RULE) readonly end: string = '';
  @One(oneOf(SCOPES)) readonly scope: PlannedOutageDraft['scope'] = 'all';
  @ValidateIf(({ scope, scopeId }: OutageBody) => scope !== 'all' || scopeId !== null)
  @One(SHORT_TEXT_RULE)
  readonly scopeId: string | null = null;
  @One(REASON_RULE) readonly reason: string = '';
}

/** The draft of a body: nobody in particular is meant by `all`. */
export function draftOf({ start, end, scope, scopeId, reason }: OutageBody): PlannedOutageDraft {
  return { start, end, scope, scopeId: scope === 'all' ? null : scopeId, reason };
}
