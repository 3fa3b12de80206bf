import { type Problem, problem } from '@tax-control/protocol';
import type { MemoryPlan } from '../../configuration/memory-plan.js';
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

/** Why a server with so much memory makes nothing of a request whose members are well formed; null when it does. */
export function judgeEvidence(
  { from, to, zone }: EvidenceBody,
  { evidenceMissingBytes }: Pick<MemoryPlan, 'evidenceMissingBytes'>,
): Problem | null {
  if (evidenceMissingBytes > 0) return problem('evidence_without_memory');
  return judgePeriod({ from, to, zone, step: 'month' });
}
