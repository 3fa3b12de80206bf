import type { OfficialView } from '@tax-control/protocol/console';

/** Regions or taxpayers of one view: whoever needs more sees all. */
const MEMBERS_MAX = 1_000;
const MEMBER_LENGTH_MAX = 200;

/** For messages to people. */
export const VIEW_RULE = `must be {"kind": "all"}, {"kind": "regions", "regions": […]} or {"kind": "taxpayers", "taxpayerIds": […]} with 1 to ${MEMBERS_MAX} different names`;

/** Whether a value has the shape of a view and nothing beside it. */
export function isView(value: unknown): value is OfficialView {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  switch (value.kind) {
    case 'all':
      return hasOnly(value, ['kind']);
    case 'regions':
      return 'regions' in value && hasOnly(value, ['kind', 'regions']) && areMembers(value.regions);
    case 'taxpayers':
      return 'taxpayerIds' in value && hasOnly(value, ['kind', 'taxpayerIds']) && areMembers(value.taxpayerIds);
    default:
      return false;
  }
}

function hasOnly(value: object, names: readonly string[]): boolean {
  return Object.keys(value).every((name) => names.includes(name)) && names.every((name) => Object.hasOwn(value, name));
}

function areMembers(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= MEMBERS_MAX &&
    value.every((member: unknown) => typeof member === 'string' && isMember(member)) &&
    new Set(value).size === value.length
  );
}

function isMember(text: string): boolean {
  return text.length > 0 && text.length <= MEMBER_LENGTH_MAX && !/[\p{Cc}\p{Cs}]/u.test(text);
}
