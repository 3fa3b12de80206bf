import {
  type CauseGroup,
  causeGroup,
  type FailureCause,
  isFailureCause,
  PROBLEMS,
  TILL_CAUSES,
} from '@tax-control/protocol';
import type { Filter } from '@tax-control/protocol/console';

const ALL_CAUSES = [...Object.keys(TILL_CAUSES), ...Object.keys(PROBLEMS)].filter(isFailureCause);

/** The group under which statistics show a cause; one that this version does not know goes with `unknown`. */
export function groupOf(cause: string): CauseGroup {
  return causeGroup(isFailureCause(cause) ? cause : 'unknown');
}

/** Causes that a filter lets through: alternatives of one member, both members holding; null where it names neither. */
export function causesOf({ causes, causeGroups }: Filter): readonly string[] | null {
  if (causeGroups === undefined) return causes ?? null;
  const ofGroups = ALL_CAUSES.filter((cause: FailureCause) => causeGroups.includes(causeGroup(cause)));
  return causes === undefined ? ofGroups : ofGroups.filter((cause) => causes.includes(cause));
}
