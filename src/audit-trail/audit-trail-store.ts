import type { AuditAction } from '@tax-control/protocol/console';
import type { Sql } from '../registry/sql.js';

/** A row to append; null: nobody was signed in, or it was done by command. */
export interface TrailEntry {
  readonly officialName: string | null;
  readonly action: AuditAction;
  readonly subject?: string;
  readonly reason?: string;
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly remoteAddress?: string;
  readonly requestId?: string;
}

/** Neither NUL nor half a surrogate pair can be stored by Postgres in text or jsonb; they would fail the act that is to be recorded. */
const NUL = '\u0000';
const HALF_PAIR = /\p{Cs}/gu;
const REPLACEMENT = '\uFFFD';

/** Appends an entry; its time and number are the database's. Not idempotent. */
export function appendToTrail(sql: Sql, entry: TrailEntry): Promise<void> {
  return appendAllToTrail(sql, [entry]);
}

/** Appends entries in one statement, in their order. Not idempotent. */
export async function appendAllToTrail(sql: Sql, entries: readonly TrailEntry[]): Promise<void> {
  await sql.query(
    `INSERT INTO audit_trail (official_name, action, subject, reason, facts, remote_address, request_id)
     SELECT official_name, action, subject, reason, facts, remote_address, request_id
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::text[], $7::uuid[]) WITH ORDINALITY
       AS new(official_name, action, subject, reason, facts, remote_address, request_id, place)
     ORDER BY place`,
    [
      entries.map(({ officialName }) => officialName),
      entries.map(({ action }) => action),
      entries.map(({ subject = null }) => storable(subject)),
      entries.map(({ reason = null }) => storable(reason)),
      entries.map(({ facts = {} }) => JSON.stringify(facts, replaceUnstorable)),
      entries.map(({ remoteAddress = null }) => remoteAddress),
      entries.map(({ requestId = null }) => requestId),
    ],
  );
}

function storable(text: string | null): string | null {
  return text?.replaceAll(NUL, REPLACEMENT).replaceAll(HALF_PAIR, REPLACEMENT) ?? null;
}

function replaceUnstorable(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? storable(value) : value;
}
