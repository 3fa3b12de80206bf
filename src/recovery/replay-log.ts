import { replayInvitations, type ReplayedInvitations } from '../enrolment/replay-invitations.js';
import type { EntryOf, RecoveryEntry, RecoveryEntryKind } from '../recovery-log/entries.js';
import { replayTerminals, type ReplayedTerminals } from '../registry/replay-terminals.js';
import type { Sql } from '../registry/sql.js';

/** What was brought back from the recovery log. */
export interface Replayed {
  readonly terminals: ReplayedTerminals;
  readonly invitations: ReplayedInvitations;
}

/** Those of one kind, in their order. */
export function entriesOf<Kind extends RecoveryEntryKind>(
  kind: Kind,
  entries: readonly RecoveryEntry[],
): EntryOf<Kind>[] {
  return entries.filter((entry): entry is EntryOf<Kind> => entry.kind === kind);
}

/** Tells a restored database what happened after its backup. Idempotent. Needs a transaction. */
export async function replayLog(sql: Sql, entries: readonly RecoveryEntry[]): Promise<Replayed> {
  const of = <Kind extends RecoveryEntryKind>(kind: Kind): EntryOf<Kind>[] => entriesOf(kind, entries);
  const terminals = await replayTerminals(sql, {
    registered: of('terminal_registered'),
    certificates: of('certificate_issued'),
    statuses: of('terminal_status'),
    revokedCertificates: of('certificate_revoked'),
  });
  const invitations = await replayInvitations(sql, {
    made: of('invitation_made'),
    used: of('invitation_used'),
    withdrawn: of('invitations_withdrawn'),
  });
  return { terminals, invitations };
}
