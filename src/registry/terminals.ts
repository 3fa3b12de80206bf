import type { Sql } from './sql.js';

export type TerminalStatus = 'active' | 'suspended' | 'revoked';

/** From which status a terminal may go where. Revoked is for ever: another till is another terminal. */
export const STATUS_CHANGES: Readonly<Record<TerminalStatus, readonly TerminalStatus[]>> = {
  active: ['suspended', 'revoked'],
  suspended: ['active', 'revoked'],
  revoked: [],
};

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
  const { rows } = await sql.query<TerminalRow>(`SELECT ${COLUMNS} FROM terminal WHERE terminal_id = $1`, [terminalId]);
  return rows[0] === undefined ? null : fromRow(rows[0]);
}

/**
 * Changes a terminal's status where {@link STATUS_CHANGES} allows it, in one statement, so that of two operators at
 * once neither overwrites the other unseen. Setting the status that it has is `unchanged`.
 */
export async function changeStatus(
  sql: Sql,
  terminalId: string,
  status: TerminalStatus,
  reason: string | null,
): Promise<
  | { readonly result: 'changed'; readonly terminal: Terminal; readonly from: TerminalStatus }
  | { readonly result: 'unchanged'; readonly terminal: Terminal }
  | { readonly result: 'not_allowed' }
  | { readonly result: 'unknown' }
> {
  const before = (Object.keys(STATUS_CHANGES) as TerminalStatus[]).filter((from) =>
    STATUS_CHANGES[from].includes(status),
  );
  const { rows } = await sql.query<TerminalRow & { readonly was: TerminalStatus }>(
    `UPDATE terminal SET status = $2, status_reason = $3, status_changed_at = now()
     FROM (SELECT terminal_id AS id, status AS was FROM terminal WHERE terminal_id = $1 FOR UPDATE) AS before
     WHERE terminal_id = id AND was = ANY($4) RETURNING ${COLUMNS}, was`,
    [terminalId, status, reason, before],
  );
  if (rows[0] !== undefined) return { result: 'changed', terminal: fromRow(rows[0]), from: rows[0].was };
  const terminal = await findTerminal(sql, terminalId);
  if (terminal === null) return { result: 'unknown' };
  return terminal.status === status ? { result: 'unchanged', terminal } : { result: 'not_allowed' };
}

const COLUMNS = 'terminal_id, taxpayer_id, premises_id, status, status_reason, status_changed_at, registered_at';

interface TerminalRow {
  readonly terminal_id: string;
  readonly taxpayer_id: string;
  readonly premises_id: string;
  readonly status: TerminalStatus;
  readonly status_reason: string | null;
  readonly status_changed_at: Date;
  readonly registered_at: Date;
}

function fromRow(row: TerminalRow): Terminal {
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
