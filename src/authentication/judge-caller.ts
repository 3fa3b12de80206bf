import type { TerminalRecord } from '../registry/terminal-directory.js';
import type { Caller } from './caller.js';
import { standingOf } from './caller.js';
import type { Peer } from './peer.js';
import type { AuthenticationRefusal } from './standing.js';

/**
 * Everything that is wrong with a caller, in the catalogue's order.
 * @param record the terminal to which the certificate was issued; null when it is not on file
 * @param nowMs server's clock, milliseconds since 1970: a certificate that ran out on an open or resumed connection has
 * run out
 */
export function judgeCaller(peer: Peer | null, record: TerminalRecord | null, nowMs: number): Caller {
  if (peer === null) return { refusals: ['certificate_missing'], thumbprint: null, terminal: null };
  const { thumbprint } = peer;
  if (!peer.isTrusted) return { refusals: ['certificate_untrusted'], thumbprint, terminal: null };
  const refusals = [...dateRefusals(peer, nowMs), ...recordRefusals(thumbprint, record)];
  if (record === null) return { refusals, thumbprint, terminal: null };
  const { terminalId, taxpayerId, premisesId, status } = record;
  const standing = standingOf(refusals);
  return {
    refusals,
    thumbprint,
    terminal: { terminalId, taxpayerId, premisesId, thumbprint, status, standing, record },
  };
}

function dateRefusals({ notBeforeMs, notAfterMs }: Peer, nowMs: number): AuthenticationRefusal[] {
  if (nowMs < notBeforeMs) return ['certificate_not_yet_valid'];
  // A date that cannot be read must not make a certificate eternal.
  return nowMs <= notAfterMs ? [] : ['certificate_expired'];
}

function recordRefusals(thumbprint: string, record: TerminalRecord | null): AuthenticationRefusal[] {
  const certificate = record?.certificates.get(thumbprint);
  if (record === null || certificate === undefined) return ['terminal_unknown'];
  const refusals: AuthenticationRefusal[] = [];
  if (certificate.revokedAt !== null) refusals.push('certificate_revoked');
  if (record.status === 'revoked') refusals.push('terminal_revoked');
  if (record.status === 'suspended') refusals.push('terminal_suspended');
  return refusals;
}
