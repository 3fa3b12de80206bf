import type { EntryOf } from '../recovery-log/entries.js';
import type { Sql } from './sql.js';

/** What is to be brought back of the registry, each list by time. */
export interface TerminalEntries {
  readonly registered: readonly EntryOf<'terminal_registered'>[];
  readonly certificates: readonly EntryOf<'certificate_issued'>[];
  readonly statuses: readonly EntryOf<'terminal_status'>[];
  readonly revokedCertificates: readonly EntryOf<'certificate_revoked'>[];
}

/** Rows that were brought back, and terminals that are not on file and could not be. */
export interface ReplayedTerminals {
  readonly terminals: number;
  readonly certificates: number;
  readonly statuses: number;
  readonly revokedCertificates: number;
  readonly unknownTerminals: readonly string[];
}

/**
 * Brings back what a restored registry has forgotten. Idempotent: what is there stays, and of two states of a terminal the later one, but
 * revoked is for ever. A terminal whose premises the copy does not know either is only named. Needs a transaction.
 */
export async function replayTerminals(sql: Sql, entries: TerminalEntries): Promise<ReplayedTerminals> {
  const run = async (statement: string, list: readonly object[]): Promise<number> =>
    list.length === 0 ? 0 : ((await sql.query(statement, [JSON.stringify(list)])).rowCount ?? 0);
  return {
    terminals: await run(REGISTER, entries.registered.map(beforeItsStates(entries.statuses))),
    certificates: await run(ADD_CERTIFICATES, entries.certificates),
    statuses: await run(SET_STATUSES, lastStatuses(entries.statuses)),
    revokedCertificates: await run(REVOKE_CERTIFICATES, entries.revokedCertificates),
    unknownTerminals: await unknownTerminals(sql, entries),
  };
}

/**
 * Whether terminals are on file with less than the recovery log knows of them: revoked there and not here, or in a state that is older here. Only
 * an older copy of the database looks so. Changes nothing.
 */
export async function forgetsStatuses(sql: Sql, statuses: readonly EntryOf<'terminal_status'>[]): Promise<boolean> {
  if (statuses.length === 0) return false;
  const { rows } = await sql.query<{ forgets: boolean }>(FORGETS_STATUSES, [JSON.stringify(lastStatuses(statuses))]);
  return rows[0]?.forgets === true;
}

/** States bear the database's time, registrations that of the process: one whose clock is ahead must not outdate them. */
function beforeItsStates(
  statuses: readonly EntryOf<'terminal_status'>[],
): (entry: EntryOf<'terminal_registered'>) => EntryOf<'terminal_registered'> {
  const first = new Map<string, string>();
  for (const { terminalId, at } of statuses) if (!first.has(terminalId)) first.set(terminalId, at);
  return (entry) => {
    const changed = first.get(entry.terminalId);
    if (changed === undefined || Date.parse(changed) > Date.parse(entry.at)) return entry;
    return { ...entry, at: new Date(Date.parse(changed) - 1).toISOString() };
  };
}

/** One for each terminal: the first revocation if there is one, else the last state. */
function lastStatuses(statuses: readonly EntryOf<'terminal_status'>[]): EntryOf<'terminal_status'>[] {
  const last = new Map<string, EntryOf<'terminal_status'>>();
  for (const entry of statuses) if (last.get(entry.terminalId)?.status !== 'revoked') last.set(entry.terminalId, entry);
  return [...last.values()];
}

async function unknownTerminals(sql: Sql, entries: TerminalEntries): Promise<string[]> {
  const named = new Set(
    [...entries.registered, ...entries.certificates, ...entries.statuses].map(({ terminalId }) => terminalId),
  );
  const { rows } = await sql.query<{ terminal_id: string }>(
    `SELECT named.terminal_id FROM unnest($1::text[]) AS named(terminal_id)
     WHERE NOT EXISTS (SELECT FROM terminal WHERE terminal.terminal_id = named.terminal_id) ORDER BY 1`,
    [[...named]],
  );
  return rows.map((row) => row.terminal_id);
}

const REGISTER = `
INSERT INTO terminal (terminal_id, premises_id, taxpayer_id, registered_at, status_changed_at)
SELECT entry."terminalId", premises.premises_id, premises.taxpayer_id, entry.at, entry.at
FROM jsonb_to_recordset($1::jsonb) AS entry("terminalId" text, "premisesId" text, at timestamptz)
JOIN premises ON premises.premises_id = entry."premisesId"
ON CONFLICT DO NOTHING`;

const ADD_CERTIFICATES = `
INSERT INTO terminal_certificate
  (thumbprint, terminal_id, serial, der, not_before, not_after, issued_at, way, parent, caller_address)
SELECT thumbprint, terminal.terminal_id, serial, decode(certificate, 'base64'), "notBefore", "notAfter", at, way, parent,
       "callerAddress"
FROM jsonb_to_recordset($1::jsonb) AS entry(
  thumbprint text, "terminalId" text, serial text, certificate text, "notBefore" timestamptz, "notAfter" timestamptz, at timestamptz,
  way text, parent text, "callerAddress" text)
JOIN terminal ON terminal.terminal_id = entry."terminalId"
ON CONFLICT DO NOTHING`;

const STATUSES = `jsonb_to_recordset($1::jsonb) AS entry("terminalId" text, status text, reason text, at timestamptz)`;

const ARE_FORGOTTEN = `
terminal.terminal_id = entry."terminalId" AND terminal.status <> 'revoked' AND terminal.status <> entry.status
  AND (entry.status = 'revoked' OR entry.at > terminal.status_changed_at)`;

const SET_STATUSES = `
UPDATE terminal SET status = entry.status, status_reason = entry.reason, status_changed_at = entry.at
FROM ${STATUSES} WHERE ${ARE_FORGOTTEN}`;

const FORGETS_STATUSES = `SELECT EXISTS (SELECT FROM ${STATUSES} JOIN terminal ON ${ARE_FORGOTTEN}) AS forgets`;

const REVOKE_CERTIFICATES = `
UPDATE terminal_certificate SET revoked_at = entry.at, revocation_reason = entry.reason
FROM jsonb_to_recordset($1::jsonb) AS entry("terminalId" text, thumbprint text, reason text, at timestamptz)
WHERE terminal_certificate.terminal_id = entry."terminalId" AND terminal_certificate.thumbprint = entry.thumbprint
  AND terminal_certificate.revoked_at IS NULL`;
