import type { EntryOf } from '../recovery-log/entries.js';
import type { Sql } from '../registry/sql.js';

/** What is to be brought back of invitations, each list by time. */
export interface InvitationEntries {
  readonly made: readonly EntryOf<'invitation_made'>[];
  readonly used: readonly EntryOf<'invitation_used'>[];
  readonly withdrawn: readonly EntryOf<'invitations_withdrawn'>[];
}

/** Invitations that were brought back, ended, and marked as used. */
export interface ReplayedInvitations {
  readonly made: number;
  readonly ended: number;
  readonly used: number;
}

/**
 * Brings back what became of invitations after the backup: one that was used stays used, one that was withdrawn or replaced stays ended.
 * Idempotent. Needs a transaction, and terminals and certificates to be there.
 */
export async function replayInvitations(sql: Sql, entries: InvitationEntries): Promise<ReplayedInvitations> {
  const run = async (statement: string, list: readonly object[]): Promise<number> =>
    list.length === 0 ? 0 : ((await sql.query(statement, [JSON.stringify(list)])).rowCount ?? 0);
  const made = await run(MAKE, entries.made.map(inHexadecimal));
  // Used first: a new invitation, or a revocation, ends only those that nobody has used.
  const used = await run(USE, entries.used.map(inHexadecimal));
  const ended = await run(END, [...endings(entries)].map(inHexadecimal));
  return { made, ended, used };
}

/** Each new invitation ends the earlier ones of its terminal, and so does a withdrawal, which spares none. */
function endings({ made, withdrawn }: InvitationEntries): { terminalId: string; at: string; secretDigest: string }[] {
  return [...made, ...withdrawn.map((entry) => ({ ...entry, secretDigest: '' }))].map(
    ({ terminalId, at, secretDigest }) => ({ terminalId, at, secretDigest }),
  );
}

/** PostgreSQL decodes base64, and not base64url. */
function inHexadecimal<Entry extends { readonly secretDigest: string }>(entry: Entry): Entry {
  const digests: Record<string, string> = {
    secretDigest: Buffer.from(entry.secretDigest, 'base64url').toString('hex'),
  };
  if ('keyDigest' in entry && typeof entry.keyDigest === 'string')
    digests['keyDigest'] = Buffer.from(entry.keyDigest, 'base64url').toString('hex');
  return { ...entry, ...digests };
}

const MAKE = `
INSERT INTO invitation (terminal_id, secret_digest, created_at, expires_at)
SELECT terminal.terminal_id, decode(entry."secretDigest", 'hex'), entry.at, entry."expiresAt"
FROM jsonb_to_recordset($1::jsonb) AS entry("terminalId" text, "secretDigest" text, "expiresAt" timestamptz, at timestamptz)
JOIN terminal ON terminal.terminal_id = entry."terminalId"
WHERE NOT EXISTS (
  SELECT FROM invitation
  WHERE invitation.terminal_id = entry."terminalId" AND invitation.secret_digest = decode(entry."secretDigest", 'hex')
)
ORDER BY entry.at`;

const USE = `
UPDATE invitation SET used_at = entry.at, key_digest = decode(entry."keyDigest", 'hex'), thumbprint = entry.thumbprint
FROM jsonb_to_recordset($1::jsonb) AS entry(
  "terminalId" text, "secretDigest" text, "keyDigest" text, thumbprint text, at timestamptz)
WHERE invitation.terminal_id = entry."terminalId" AND invitation.secret_digest = decode(entry."secretDigest", 'hex')
  AND invitation.used_at IS NULL
  AND EXISTS (SELECT FROM terminal_certificate WHERE terminal_certificate.thumbprint = entry.thumbprint)`;

const END = `
UPDATE invitation SET expires_at = LEAST(invitation.expires_at, ending.at)
FROM (
  SELECT invitation_id, min(entry.at) AS at
  FROM jsonb_to_recordset($1::jsonb) AS entry("terminalId" text, "secretDigest" text, at timestamptz)
  JOIN invitation ON invitation.terminal_id = entry."terminalId"
   AND invitation.secret_digest <> decode(entry."secretDigest", 'hex') AND invitation.created_at < entry.at
  GROUP BY invitation_id
) AS ending
WHERE invitation.invitation_id = ending.invitation_id AND invitation.used_at IS NULL AND invitation.expires_at > ending.at`;
