import type { Sql } from '../registry/sql.js';
import type { AuditedAct } from './audited-act.js';

/**
 * Who acted, and from where.
 * @property officialName null: nobody was signed in, or it was done by command
 * @property command the log-in at the database of who gave a command; it joins the facts
 */
export interface TrailSignature {
  readonly officialName: string | null;
  readonly command?: string;
  readonly remoteAddress?: string;
  readonly requestId?: string;
}

/** Rows of one statement: some tens of milliseconds, far below any time limit. An import has tens of thousands. */
const CHUNK_ROWS = 1_000;

/** Neither NUL nor half a surrogate pair can be stored by Postgres in text or jsonb; they would fail the act that is to be recorded. */
const NUL = '\u0000';
const HALF_PAIR = /\p{Cs}/gu;
const REPLACEMENT = '\uFFFD';

/** Appends what somebody did, in its order; time and number of each entry are the database's. Not idempotent. */
export async function appendToTrail(sql: Sql, by: TrailSignature, acts: readonly AuditedAct[]): Promise<void> {
  const { officialName, command, remoteAddress = null, requestId = null } = by;
  for (let start = 0; start < acts.length; start += CHUNK_ROWS) {
    const chunk = acts.slice(start, start + CHUNK_ROWS);
    await sql.query(
      `INSERT INTO audit_trail (official_name, action, subject, reason, facts, remote_address, request_id)
       SELECT $1, action, subject, reason, facts, $2, $3
       FROM unnest($4::text[], $5::text[], $6::text[], $7::jsonb[]) WITH ORDINALITY AS new(action, subject, reason, facts, place)
       ORDER BY place`,
      [
        officialName,
        remoteAddress,
        requestId,
        chunk.map(({ action }) => action),
        chunk.map(({ subject = null }) => storable(subject)),
        chunk.map(({ reason = null }) => storable(reason)),
        chunk.map(({ facts }) => JSON.stringify({ ...facts, command }, replaceUnstorable)),
      ],
    );
  }
}

function storable(text: string | null): string | null {
  return text?.replaceAll(NUL, REPLACEMENT).replaceAll(HALF_PAIR, REPLACEMENT) ?? null;
}

function replaceUnstorable(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? storable(value) : value;
}
