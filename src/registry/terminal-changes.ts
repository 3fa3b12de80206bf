import { descendantsOf } from '@tax-control/protocol/console';
import { listCertificates, lockCertificates, type TerminalCertificate } from './certificates.js';
import type { PlacedId } from './fleet.js';
import type { Sql } from './sql.js';
import {
  findTerminal,
  type Terminal,
  TERMINAL_COLUMNS,
  terminalOf,
  type TerminalRow,
  type TerminalStatus,
} from './terminals.js';

/**
 * Registers terminals in one statement. Relies on the primary key: one that is there, or comes to be there meanwhile, is left as
 * it is.
 * @returns the ids of those that were registered by this
 */
export async function addTerminals(sql: Sql, list: readonly PlacedId[]): Promise<Set<string>> {
  const { rows } = await sql.query<{ terminal_id: string }>(
    `INSERT INTO terminal (terminal_id, premises_id, taxpayer_id)
     SELECT new.terminal_id, premises_id, taxpayer_id
     FROM unnest($1::text[], $2::text[]) AS new(terminal_id, premises_id) JOIN premises USING (premises_id)
     ORDER BY new.terminal_id
     ON CONFLICT DO NOTHING RETURNING terminal_id`,
    [list.map(({ terminalId }) => terminalId), list.map(({ premisesId }) => premisesId)],
  );
  return new Set(rows.map((row) => row.terminal_id));
}

/** From which status a terminal may go where. Revoked is for ever: another till is another terminal. */
export const STATUS_CHANGES: Readonly<Record<TerminalStatus, readonly TerminalStatus[]>> = {
  active: ['suspended', 'revoked'],
  suspended: ['active', 'revoked'],
  revoked: [],
};

/**
 * Keeps terminals as they are until the transaction ends: their status, and who else invites them. It takes them in the order of
 * their ids, so that two lists do not wait for each other. Sales and enrolments only refer to a terminal and do not wait. Needs a transaction.
 * @returns the status of each, by id; unknown ones are missing
 */
export async function lockTerminals(sql: Sql, terminalIds: readonly string[]): Promise<Map<string, TerminalStatus>> {
  const { rows } = await sql.query<{ terminal_id: string; status: TerminalStatus }>(
    'SELECT terminal_id, status FROM terminal WHERE terminal_id = ANY ($1) ORDER BY terminal_id FOR NO KEY UPDATE',
    [terminalIds],
  );
  return new Map(rows.map((row) => [row.terminal_id, row.status]));
}

/**
 * Changes a terminal's status where {@link STATUS_CHANGES} allows it, in one statement, so that of two operators at
 * once neither overwrites the other unseen. Setting the status that it has is `unchanged`. The time of the change is that at which it
 * held the terminal: when the recovery log is replayed, a revocation ends the invitations of before that moment. FOR NO KEY UPDATE, because an enrolment holds its invitation
 * and then refers to the terminal: with FOR UPDATE it and a revocation, which ends the invitation, would wait for each other.
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
    `UPDATE terminal SET status = $2, status_reason = $3, status_changed_at = clock_timestamp()
     FROM (SELECT terminal_id AS id, status AS was FROM terminal WHERE terminal_id = $1 FOR NO KEY UPDATE) AS before
     WHERE terminal_id = id AND was = ANY($4) RETURNING ${TERMINAL_COLUMNS}, was`,
    [terminalId, status, reason, before],
  );
  if (rows[0] !== undefined) return { result: 'changed', terminal: terminalOf(rows[0]), from: rows[0].was };
  const terminal = await findTerminal(sql, terminalId);
  if (terminal === null) return { result: 'unknown' };
  return terminal.status === status ? { result: 'unchanged', terminal } : { result: 'not_allowed' };
}

/**
 * What a revocation did.
 * @property revoked thumbprints that it revoked, the named one first
 * @property inForce thumbprints of descendants that are still in force
 */
export interface Revocation {
  readonly revoked: readonly string[];
  readonly inForce: readonly string[];
}

/**
 * Revokes one certificate of a terminal for ever and, if asked for, what was renewed from it; the time of a first revocation stands.
 * Idempotent. Needs a transaction.
 * @returns null when the terminal has no such certificate
 */
export async function revokeCertificate(
  sql: Sql,
  terminalId: string,
  thumbprint: string,
  { reason, descendants }: { readonly reason: string; readonly descendants: boolean },
): Promise<Revocation | null> {
  await lockCertificates(sql, terminalId);
  const all = await listCertificates(sql, terminalId);
  const named = all.find((one) => one.thumbprint === thumbprint);
  if (named === undefined) return null;
  const family = descendantsOf(thumbprint, all);
  const inForce = ({ revokedAt }: TerminalCertificate): boolean => revokedAt === null;
  const revoked = [named, ...(descendants ? family : [])].filter(inForce).map((one) => one.thumbprint);
  await sql.query(
    `UPDATE terminal_certificate SET revoked_at = now(), revocation_reason = $2
     WHERE thumbprint = ANY ($1::text[]) AND revoked_at IS NULL`,
    [revoked, reason],
  );
  return { revoked, inForce: descendants ? [] : family.filter(inForce).map((one) => one.thumbprint) };
}
