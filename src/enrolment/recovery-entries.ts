import type { EntryOf } from '../recovery-log/entries.js';
import type { Terminal } from '../registry/terminals.js';
import type { NewInvitation } from './invitations.js';

/** For the recovery log: what operators do to terminals, by command or in the console. `nowMs`: milliseconds since 1970. */

export function registeredEntry(terminalId: string, premisesId: string, nowMs: number): EntryOf<'terminal_registered'> {
  return { kind: 'terminal_registered', at: new Date(nowMs).toISOString(), terminalId, premisesId };
}

export function invitedEntry(
  terminalId: string,
  { secretDigest, createdAt, expiresAt }: NewInvitation,
): EntryOf<'invitation_made'> {
  return {
    kind: 'invitation_made',
    // Of the database's clock, because earlier invitations of before this moment end when it is replayed.
    at: createdAt.toISOString(),
    terminalId,
    secretDigest: secretDigest.toString('base64url'),
    expiresAt: expiresAt.toISOString(),
  };
}

/** A revocation ends the invitations too. */
export function statusEntries({
  terminalId,
  status,
  statusReason,
  statusChangedAt,
}: Terminal): (EntryOf<'terminal_status'> | EntryOf<'invitations_withdrawn'>)[] {
  const at = statusChangedAt.toISOString();
  const changed = { kind: 'terminal_status', at, terminalId, status, reason: statusReason } as const;
  return status === 'revoked' ? [changed, { kind: 'invitations_withdrawn', at, terminalId }] : [changed];
}

export function certificateRevokedEntry(
  terminalId: string,
  thumbprint: string,
  reason: string,
  nowMs: number,
): EntryOf<'certificate_revoked'> {
  return { kind: 'certificate_revoked', at: new Date(nowMs).toISOString(), terminalId, thumbprint, reason };
}
