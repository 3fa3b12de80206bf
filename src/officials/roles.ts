export const OFFICIAL_ROLES = ['official', 'operator', 'administrator', 'supervisor'] as const;

/** official: reads; operator: administers tills too; administrator: accounts too; supervisor: reads, and the audit trail too. */
export type OfficialRole = (typeof OFFICIAL_ROLES)[number];

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
