import type { ProblemCode } from '@tax-control/protocol';
import type { RouteDescription } from '../../http/documentation/describe.js';
import { CONSOLE_TAG, rowSchema, SIGNED_IN } from '../describe-answers.js';

const ADMINISTERED: readonly ProblemCode[] = [...SIGNED_IN, 'csrf_refused', 'invalid_request'];

/** Description of an act of an operator: members of the body, the type of the answer, and its own refusals. */
export function describedAct(
  summary: string,
  bodyMembers: readonly string[],
  answer: { readonly type: string; readonly members: readonly string[]; readonly status?: number },
  problems: readonly ProblemCode[] = [],
  optionalMembers: readonly string[] = [],
): RouteDescription {
  const { status = 201 } = answer;
  return {
    tag: CONSOLE_TAG,
    summary,
    body: { schema: { ...rowSchema('Body', [...bodyMembers, ...optionalMembers]), required: bodyMembers } },
    answer: { schema: rowSchema(answer.type, answer.members), status },
    problems: [...ADMINISTERED, ...problems],
  };
}

export const PREMISES_MEMBERS = ['premisesId', 'taxpayerId', 'name', 'region', 'activity', 'address'] as const;
export const SETTING_MEMBERS = [
  'addresses',
  'verificationUrl',
  'threshold',
  'deadlineMs',
  'offlineLimits',
  'suspendedMaySell',
  'timeZone',
  'premisesTimeZones',
  'cashRoundingMax',
] as const;
