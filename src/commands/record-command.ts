import { commandLine, signatureOf } from '../administration/actor.js';
import { appendToTrail } from '../audit-trail/audit-trail-store.js';
import type { AuditedAct } from '../audit-trail/audited-act.js';
import type { Sql } from '../registry/sql.js';

/** Enters what a command does into the audit trail, inside the transaction that does it. */
export async function recordCommand(sql: Sql, act: AuditedAct): Promise<void> {
  await appendToTrail(sql, signatureOf(await commandLine(sql)), [act]);
}
