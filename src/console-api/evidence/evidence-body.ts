import type { Problem } from '@tax-control/protocol';
import { judgePeriod } from '../query/judge-period.js';
import { One } from '../query/rules.js';
import { IDENTIFIER_RULE, REASON_RULE, TIME_RULE, ZONE_RULE } from '../query/text-rules.js';

/** Body of a request for evidence. */
export class EvidenceBody {
  @One(IDENTIFIER_RULE) readonly premisesId: string = '';
  @One(TIME_RULE) readonly from: string = '';
  @One(TIME_RULE) readonly to: string = '';
  @One(ZONE_RULE) readonly zone: string = '';
  @One(REASON_RULE) readonly reason: string = '';
}

/** What is wrong with a request whose members are well formed; null when nothing is. */
export function judgeEvidence({ from, to, zone }: EvidenceBody): Problem | null {
  return judgePeriod({ from, to, zone, step: 'month' });
}
