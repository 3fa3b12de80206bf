import type { OfficialRole } from '@tax-control/protocol/console';

/** What each role includes beside itself. A supervisor looks at administrators and is none of them. */
const INCLUDED: Readonly<Record<OfficialRole, readonly OfficialRole[]>> = {
  official: [],
  operator: ['official'],
  administrator: ['operator', 'official'],
  supervisor: ['official'],
};

/** Whether somebody with these roles may do what a role may. */
export function mayActAs(roles: readonly OfficialRole[], needed: OfficialRole): boolean {
  return roles.some((role) => role === needed || INCLUDED[role].includes(needed));
}
