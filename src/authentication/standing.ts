import type { ProblemCode } from '@tax-control/protocol';

/**
 * What may be wrong with a caller, in the catalogue's order: when two apply, the first one that the route does not
 * tolerate is told.
 */
export const REFUSALS = [
  'certificate_missing',
  'certificate_untrusted',
  'certificate_not_yet_valid',
  'certificate_expired',
  'terminal_unknown',
  'certificate_revoked',
  'terminal_revoked',
  'terminal_suspended',
  'certificate_expired_long_ago',
] as const satisfies readonly ProblemCode[];

export type AuthenticationRefusal = (typeof REFUSALS)[number];

/** What the server takes a caller for: `active`, or the first thing that is wrong with it. */
export type Standing = 'active' | AuthenticationRefusal;
