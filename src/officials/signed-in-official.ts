import type { OfficialRole, OfficialView } from '@tax-control/protocol/console';
import { mayActAs } from './roles.js';
import type { VisiblePremises } from './view.js';

/**
 * Who asks, as the guard found out for this request and no other.
 * @property name the account's name; it stays the same for ever
 * @property visiblePremises the view, resolved: pass it into every query
 * @property remoteAddress, requestId for the audit trail
 */
export interface SignedInOfficial {
  readonly name: string;
  readonly fullName: string;
  readonly roles: readonly OfficialRole[];
  readonly view: OfficialView;
  readonly visiblePremises: VisiblePremises;
  readonly sessionId: string;
  readonly remoteAddress: string;
  readonly requestId: string;
}

/** Whether an official has a role, or one that includes it. */
export function hasRole(official: SignedInOfficial, role: OfficialRole): boolean {
  return mayActAs(official.roles, role);
}
