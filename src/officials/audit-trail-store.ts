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
export async function appendToTrail(sql: Sql, entry: TrailEntry): Promise<void> {
  const {
    officialName,
    action,
    subject = null,
    reason = null,
    facts = {},
    remoteAddress = null,
    requestId = null,
  } = entry;
  await sql.query(
    `INSERT INTO audit_trail (official_name, action, subject, reason, facts, remote_address, request_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [
      officialName,
      action,
      storable(subject),
      storable(reason),
      JSON.stringify(facts, replaceUnstorable),
      remoteAddress,
      requestId,
    ],
  );
}

function storable(text: string | null): string | null {
  return text?.replaceAll(NUL, REPLACEMENT).replaceAll(HALF_PAIR, REPLACEMENT) ?? null;
}

function replaceUnstorable(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? storable(value) : value;
}
