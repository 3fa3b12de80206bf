import type { Sql } from './sql.js';
import type { TerminalStatus } from './terminals.js';

/** A terminal with the premises in which it is to stand. */
export interface PlacedId {
  readonly terminalId: string;
  readonly premisesId: string;
}

/** What is known of a terminal that is there already. */
export interface KnownTerminal {
  readonly premisesId: string;
  readonly status: TerminalStatus;
}

/** Whose some premises are, by id; premises that are not registered are missing. */
export async function ownersOfPremises(sql: Sql, premisesIds: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql.query<{ premises_id: string; taxpayer_id: string }>(
    'SELECT premises_id, taxpayer_id FROM premises WHERE premises_id = ANY ($1)',
    [premisesIds],
  );
  return new Map(rows.map((row) => [row.premises_id, row.taxpayer_id]));
}

/** Those of some terminals that are registered, by id. */
export async function findKnownTerminals(
  sql: Sql,
  terminalIds: readonly string[],
): Promise<Map<string, KnownTerminal>> {
  const { rows } = await sql.query<{ terminal_id: string; premises_id: string; status: TerminalStatus }>(
    'SELECT terminal_id, premises_id, status FROM terminal WHERE terminal_id = ANY ($1)',
    [terminalIds],
  );
  return new Map(rows.map((row) => [row.terminal_id, { premisesId: row.premises_id, status: row.status }]));
}

/**
 * Which tills of a filter to invite: those that never enrolled, those whose last certificate has expired or was revoked, or every one.
 */
export const INVITABLE = ['unenrolled', 'expired', 'all'] as const;
export type Invitable = (typeof INVITABLE)[number];

/** Null does not narrow. */
export interface InvitableTerminals {
  readonly which: Invitable;
  readonly taxpayerId: string | null;
  readonly premisesId: string | null;
  readonly region: string | null;
}

/** Terminals to invite, by id; none that is revoked. */
export async function findInvitable(
  sql: Sql,
  { which, taxpayerId, premisesId, region }: InvitableTerminals,
): Promise<PlacedId[]> {
  const { rows } = await sql.query<PlacedId>(
    `SELECT terminal_id AS "terminalId", premises_id AS "premisesId"
     FROM terminal JOIN premises USING (premises_id, taxpayer_id)
     LEFT JOIN LATERAL (
       SELECT count(*) AS certificates, bool_or(not_after > now() AND revoked_at IS NULL AND way <> 'shown_again') AS in_force
       FROM terminal_certificate WHERE terminal_certificate.terminal_id = terminal.terminal_id
     ) AS own ON true
     WHERE status <> 'revoked' AND ($2::text IS NULL OR taxpayer_id = $2) AND ($3::text IS NULL OR premises_id = $3)
       AND ($4::text IS NULL OR region = $4)
       AND CASE $1 WHEN 'unenrolled' THEN certificates = 0 WHEN 'expired' THEN certificates > 0 AND NOT in_force ELSE true END
     ORDER BY terminal_id`,
    [which, taxpayerId, premisesId, region],
  );
  return rows;
}
