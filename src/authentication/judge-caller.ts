import type { TerminalRecord } from '../registry/terminal-directory.js';
import type { Caller } from './caller.js';
import { standingOf } from './caller.js';
import type { Peer } from './peer.js';
import { type AuthenticationRefusal, REFUSALS } from './standing.js';

/**
 * By what a caller is judged.
 * @property nowMs server's clock, milliseconds since 1970: a certificate that ran out on an open or resumed connection has
 * run out
 * @property expiredMsMax milliseconds after its end for which an expired certificate is admitted where a route tolerates one
 */
export interface CallerRule {
  readonly nowMs: number;
  readonly expiredMsMax: number;
}

/**
 * Everything that is wrong with a caller, in the catalogue's order.
 * @param record the terminal to which the certificate was issued; null when it is not on file
 */
export function judgeCaller(peer: Peer | null, record: TerminalRecord | null, rule: CallerRule): Caller {
  if (peer === null) return { refusals: ['certificate_missing'], thumbprint: null, terminal: null };
  const { thumbprint } = peer;
  if (!peer.isTrusted) return { refusals: ['certificate_untrusted'], thumbprint, terminal: null };
  const found = new Set([...dateRefusals(peer, rule), ...recordRefusals(thumbprint, record)]);
  const refusals = REFUSALS.filter((refusal) => found.has(refusal));
  if (record === null) return { refusals, thumbprint, terminal: null };
  const { terminalId, taxpayerId, premisesId, status } = record;
  const standing = standingOf(refusals);
  return {
    refusals,
    thumbprint,
    terminal: { terminalId, taxpayerId, premisesId, thumbprint, status, standing, record },
  };
}

/**
 * Whether a caller is nobody whose bodies get room as a terminal's: without a certificate of this authority, out of its dates, or revoked.
 * @param record as it was known last; null or undefined: nothing is known, and a certificate in its dates is enough
 */
export function isStranger(peer: Peer, record: TerminalRecord | null | undefined, rule: CallerRule): boolean {
  if (!peer.isTrusted) return true;
  if (dateRefusals(peer, rule).length > 0) return true;
  // A certificate that memory does not have may have been issued since.
  const certificate = record?.certificates.get(peer.thumbprint);
  return (
    record?.status === 'revoked' ||
    (certificate !== undefined && (certificate.revokedAt !== null || certificate.isShownAgain))
  );
}

function dateRefusals({ notBeforeMs, notAfterMs }: Peer, { nowMs, expiredMsMax }: CallerRule): AuthenticationRefusal[] {
  if (nowMs < notBeforeMs) return ['certificate_not_yet_valid'];
  if (nowMs <= notAfterMs) return [];
  // Only `echo` tolerates the last one, which tells a till what is wrong. A date that cannot be read must not make a certificate eternal.
  return nowMs <= notAfterMs + expiredMsMax ? ['certificate_expired'] : ['certificate_expired_long_ago'];
}

function recordRefusals(thumbprint: string, record: TerminalRecord | null): AuthenticationRefusal[] {
  const certificate = record?.certificates.get(thumbprint);
  // One that was shown again: whoever revoked it may have been forgotten with it.
  if (record === null || certificate === undefined || certificate.isShownAgain) return ['terminal_unknown'];
  const refusals: AuthenticationRefusal[] = [];
  if (certificate.revokedAt !== null) refusals.push('certificate_revoked');
  if (record.status === 'revoked') refusals.push('terminal_revoked');
  if (record.status === 'suspended') refusals.push('terminal_suspended');
  return refusals;
}
