import type { TerminalExcuse } from '@tax-control/protocol/console';
import type { Reads } from '../database/reads.js';

interface Row {
  readonly terminal_id: string;
  readonly recovered_at: Date;
  readonly excused_by: string;
  readonly reason: string;
  readonly excused_at: Date;
}

/** Terminals that are excused since the last restore and have not confirmed since, the newest excuse first. `premisesIds`: only of these premises; null: of all. */
export async function listExcuses(
  database: Reads,
  { terminalId, premisesIds }: { readonly terminalId: string | null; readonly premisesIds: readonly string[] | null },
): Promise<TerminalExcuse[]> {
  const { rows } = await database.query<Row>(
    `SELECT terminal_id, recovered_at, excused_by, reason, excused_at
     FROM terminal_excuse JOIN forgetting_jump USING (next_number) JOIN terminal USING (terminal_id)
     WHERE ($1::text IS NULL OR terminal_id = $1) AND ($2::text[] IS NULL OR premises_id = ANY ($2))
       AND NOT EXISTS (SELECT FROM terminal_holdings AS kept WHERE kept.terminal_id = terminal.terminal_id AND kept_since >= next_number)
     ORDER BY excused_at DESC, terminal_id`,
    [terminalId, premisesIds],
  );
  return rows.map((row) => ({
    terminalId: row.terminal_id,
    recoveredAt: row.recovered_at.toISOString(),
    excusedBy: row.excused_by,
    reason: row.reason,
    excusedAt: row.excused_at.toISOString(),
  }));
}
