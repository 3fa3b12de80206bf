import type { Sql } from './sql.js';

export type TerminalStatus = 'active' | 'suspended' | 'revoked';

/** A terminal as operators see it. Times are the database's. */
export interface Terminal {
  readonly terminalId: string;
  readonly taxpayerId: string;
  readonly premisesId: string;
  readonly status: TerminalStatus;
  readonly statusReason: string | null;
  readonly statusChangedAt: Date;
  readonly registeredAt: Date;
}

/** One terminal, or null. */
export async function findTerminal(sql: Sql, terminalId: string): Promise<Terminal | null> {
  const { rows } = await sql.query<TerminalRow>(`SELECT ${TERMINAL_COLUMNS} FROM terminal WHERE terminal_id = $1`, [
    terminalId,
  ]);
  return rows[0] === undefined ? null : terminalOf(rows[0]);
}

/** For the changes, which return the row. */
export const TERMINAL_COLUMNS =
  'terminal_id, taxpayer_id, premises_id, status, status_reason, status_changed_at, registered_at';

export interface TerminalRow {
  readonly terminal_id: string;
  readonly taxpayer_id: string;
  readonly premises_id: string;
  readonly status: TerminalStatus;
  readonly status_reason: string | null;
  readonly status_changed_at: Date;
  readonly registered_at: Date;
}

export function terminalOf(row: TerminalRow): Terminal {
  return {
    terminalId: row.terminal_id,
    taxpayerId: row.taxpayer_id,
    premisesId: row.premises_id,
    status: row.status,
    statusReason: row.status_reason,
    statusChangedAt: row.status_changed_at,
    registeredAt: row.registered_at,
  };
}
