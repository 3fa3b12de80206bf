import { createInvitations, type NewInvitation } from '../../src/enrolment/invitations.js';
import type { Sql } from '../../src/registry/sql.js';

/** An invitation for one terminal; needs a transaction where somebody else may invite it at the same time. */
export async function createInvitation(sql: Sql, terminalId: string, lifeDays: number): Promise<NewInvitation> {
  const made = (await createInvitations(sql, [terminalId], lifeDays)).get(terminalId);
  if (made === undefined) throw new Error('no invitation was made');
  return made;
}
