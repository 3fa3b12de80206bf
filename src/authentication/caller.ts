import type { TerminalRecord } from '../registry/terminal-directory.js';
import type { TerminalStatus } from '../registry/terminals.js';
import type { AuthenticationRefusal, Standing } from './standing.js';

/**
 * A terminal that a route has admitted.
 * @property thumbprint of the certificate that the connection showed
 * @property standing `active`, or what is wrong with it and the route tolerates
 * @property record all that the registry knows, at most half a second old
 */
export interface TerminalIdentity {
  readonly terminalId: string;
  readonly taxpayerId: string;
  readonly premisesId: string;
  readonly thumbprint: string;
  readonly status: TerminalStatus;
  readonly standing: Standing;
  readonly record: TerminalRecord;
}

/**
 * Whoever is at the other end.
 * @property refusals all that is wrong with it, in the catalogue's order
 * @property thumbprint null where no certificate was shown
 * @property terminal null where the certificate is nobody's
 */
export interface Caller {
  readonly refusals: readonly AuthenticationRefusal[];
  readonly thumbprint: string | null;
  readonly terminal: TerminalIdentity | null;
}

/** The first thing that is wrong with a caller, or `active`. */
export function standingOf(refusals: readonly AuthenticationRefusal[]): Standing {
  return refusals[0] ?? 'active';
}
