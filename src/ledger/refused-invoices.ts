import type { Door, InvoiceClaims, Problem } from '@tax-control/protocol';
import type { Queryable } from './queryable.js';

/** An invoice that was refused: as it was sent, why, and what it says of itself as far as it could be read. */
export interface RefusedInvoice {
  readonly terminalId: string;
  /** The text as sent. */
  readonly body: string;
  readonly problem: Problem;
  readonly claims: InvoiceClaims;
  readonly door: Door;
  readonly attemptId: string | null;
}

/**
 * Keeps what is refused, durably, before the terminal is told: its counter is no gap. Idempotent by terminal and SHA-256 of the bytes
 * sent (constraint `refused_invoice_identity`): the first refusal stays, a repeated one changes nothing.
 */
export async function recordRefusals(client: Queryable, refused: readonly RefusedInvoice[]): Promise<void> {
  if (refused.length === 0) return;
  await client.query(
    `INSERT INTO refused_invoice (terminal_id, digest, body, cause, detail, invoice_id, journal_id, counter, door, attempt_id)
     SELECT terminal_id, sha256(body), body, cause, detail, invoice_id, journal_id, counter, door, attempt_id
     FROM unnest($1::text[], $2::bytea[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::bigint[], $8::text[], $9::uuid[])
       AS refused(terminal_id, body, cause, detail, invoice_id, journal_id, counter, door, attempt_id)
     ORDER BY terminal_id, sha256(body)
     ON CONFLICT (terminal_id, digest) DO NOTHING`,
    [
      refused.map(({ terminalId }) => terminalId),
      refused.map(({ body }) => Buffer.from(body, 'utf8')),
      refused.map(({ problem }) => problem.code),
      refused.map(({ problem }) => detailOf(problem)),
      refused.map(({ claims }) => claims.invoiceId),
      refused.map(({ claims }) => claims.journalId),
      refused.map(({ claims }) => claims.counter),
      refused.map(({ door }) => door),
      refused.map(({ attemptId }) => attemptId),
    ],
  );
}

/** Characters that are kept of a detail: ten places with long names. The whole is in the bytes that were sent. */
const DETAIL_LENGTH_MAX = 2_000;
/** What Postgres does not take in a text, or nobody can read: a member's name may be anything. */
const CONTROL_CHARACTERS = /\p{Cc}/gu;

/** One text for people: the sentence and the places that it speaks of. */
function detailOf({ detail, errors = [] }: Problem): string {
  const text = [detail, ...errors.map((fault) => `${fault.pointer}: ${fault.detail}`)].join(' ');
  return text.slice(0, DETAIL_LENGTH_MAX).replaceAll(CONTROL_CHARACTERS, '\u{FFFD}');
}
