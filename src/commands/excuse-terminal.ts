import { excuseTerminal } from '../ledger/excuses.js';
import { findTerminal } from '../registry/terminals.js';
import { withDatabase } from './operator-database.js';
import { done, type Outcome, refused } from './outcome.js';
import { recordCommand } from './record-command.js';
import { unknownTerminal } from './terminal-actions.js';

/** `excuse`. Repeating it changes nothing and succeeds. */
export function excuse(terminalId: string, reason: string): Promise<Outcome> {
  return withDatabase(async (pool) => {
    if ((await findTerminal(pool, terminalId)) === null) return unknownTerminal(terminalId);
    const { rows } = await pool.query<{ login: string }>('SELECT session_user::text AS login');
    const excused = await excuseTerminal(pool, {
      terminalId,
      excusedBy: rows[0]?.login ?? '',
      reason,
      record: (client) => recordCommand(client, { action: 'terminal.excused', subject: terminalId, reason }),
    });
    if (excused === null)
      return refused(
        `Nobody waits for the terminal ${terminalId}: nothing was restored, or it was enrolled later, is revoked, or has said that all it holds ` +
          'is on file. See: tax-control database status',
      );
    const { excusedBy, excusedAt, recoveredAt } = excused.excuse;
    return done(
      excused,
      excused.result === 'known'
        ? `The terminal ${terminalId} was excused before, by ${excusedBy} on ${excusedAt}: ${excused.excuse.reason}`
        : `Nobody waits for the terminal ${terminalId} any more since the restore of ${recoveredAt}. The next restore asks for it again.`,
    );
  });
}
