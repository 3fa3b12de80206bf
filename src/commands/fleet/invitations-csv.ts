import type { MadeInvitation } from '../../administration/terminals.js';
import { csvRow } from '../../console-api/csv/cell.js';

/** The option that names the file for the invitations. */
export const INVITATIONS_OPTION = '--invitations';

/** The text of a file of invitations; nobody else has their secrets. */
export function invitationsCsv(made: readonly MadeInvitation[]): string {
  const rows = made.map((one) => csvRow([one.terminalId, one.premisesId, one.expiresAt, one.invitation]));
  return [csvRow(['terminal', 'premises', 'good until', 'invitation']), ...rows].join('');
}
