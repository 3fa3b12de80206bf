import type { AuditAction } from '@tax-control/protocol/console';
import { appendAllToTrail } from '../audit-trail/audit-trail-store.js';
import type { Sql } from '../registry/sql.js';

/** What a command did. `subject` by id; `facts` never hold a secret. */
export interface CommandAct {
  readonly action: AuditAction;
  readonly subject: string;
  readonly reason?: string | null;
  readonly facts?: Readonly<Record<string, unknown>>;
}

/**
 * Enters what a command does into the audit trail, inside the transaction that does it. Nobody is signed in at a command line: the trail
 * names the log-in at the database, so give each operator one of his own.
 */
export function recordCommand(sql: Sql, act: CommandAct): Promise<void> {
  return recordCommands(sql, [act]);
}

/** The same of several acts of one command, in their order. */
export async function recordCommands(sql: Sql, acts: readonly CommandAct[]): Promise<void> {
  const { rows } = await sql.query<{ login: string }>('SELECT session_user::text AS login');
  await appendAllToTrail(
    sql,
    acts.map(({ action, subject, reason, facts }) => ({
      officialName: null,
      action,
      subject,
      ...(reason === null || reason === undefined ? {} : { reason }),
      facts: { ...facts, command: rows[0]?.login },
    })),
  );
}
