import type { OfficialRow } from '@tax-control/protocol/console';
import type { Sql } from '../registry/sql.js';
import { ACCOUNT_COLUMNS, accountOf, type AccountRow } from './account-store.js';
import { SESSION_IDLE_MS_MAX } from './session-store.js';

type Row = AccountRow & { readonly blocked_until: Date | null; readonly sessions: number };

/** Accounts as administrators see them, by name; one, or all. The subject of a delay is made as in sign-in-delay.ts. */
export async function listOfficialRows(sql: Sql, name: string | null): Promise<OfficialRow[]> {
  const { rows } = await sql.query<Row>(
    `SELECT ${ACCOUNT_COLUMNS},
       (SELECT blocked_until FROM sign_in_delay
        WHERE subject = sha256(convert_to('account:' || name, 'UTF8')) AND blocked_until > now()) AS blocked_until,
       (SELECT count(*)::integer FROM official_session WHERE official_name = name AND expires_at > now()
          AND last_seen_at > now() - $2 * interval '1 millisecond') AS sessions
     FROM official WHERE $1::text IS NULL OR name = $1 ORDER BY name`,
    [name, SESSION_IDLE_MS_MAX],
  );
  return rows.map((row) => {
    const { passwordExpiresAt, createdAt, lastSignInAt, disabledAt, ...account } = accountOf(row);
    return {
      ...account,
      createdAt: createdAt.toISOString(),
      lastSignInAt: lastSignInAt?.toISOString() ?? null,
      disabledAt: disabledAt?.toISOString() ?? null,
      temporaryPasswordUntil: passwordExpiresAt?.toISOString() ?? null,
      delayedUntil: row.blocked_until?.toISOString() ?? null,
      sessions: row.sessions,
    };
  });
}
