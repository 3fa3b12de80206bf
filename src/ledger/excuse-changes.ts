import type { ExcusedTerminal } from '@tax-control/protocol/console';
import type { PoolClient } from 'pg';
import { listExcuses } from './excuses.js';

export interface Excuse {
  readonly terminalId: string;
  readonly excusedBy: string;
  readonly reason: string;
}

/**
 * Waits for a terminal no longer, since the last restore. It may still sell and bring back what it holds. Idempotent by terminal and jump.
 * Needs a transaction.
 *
 * @returns null: nobody waits for it, because nothing was restored, or it was not enrolled then, is revoked, or has said that all is on file
 */
export async function excuseTerminal(
  client: PoolClient,
  { terminalId, excusedBy, reason }: Excuse,
): Promise<ExcusedTerminal | null> {
  const { rowCount } = await client.query(
    `INSERT INTO terminal_excuse (terminal_id, next_number, excused_by, reason)
     SELECT terminal_id, next_number, $2, $3 FROM forgetting_jump CROSS JOIN terminal
     WHERE terminal_id = $1 AND status <> 'revoked'
       AND EXISTS (SELECT FROM terminal_certificate AS own WHERE own.terminal_id = terminal.terminal_id AND own.issued_at <= recovered_at)
       AND NOT EXISTS (SELECT FROM terminal_holdings AS kept WHERE kept.terminal_id = terminal.terminal_id AND kept_since >= next_number)
     ON CONFLICT DO NOTHING`,
    [terminalId, excusedBy, reason],
  );
  const [excuse] = await listExcuses(client, { terminalId, premisesIds: null });
  return excuse === undefined ? null : { result: rowCount === 1 ? 'excused' : 'known', excuse };
}
