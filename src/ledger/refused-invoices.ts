import { createHash } from 'node:crypto';
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

/** As {@link RefusedInvoice}; `isKeptWhole`: its bytes are kept, not only its facts. */
export interface KeptRefusal extends RefusedInvoice {
  readonly isKeptWhole: boolean;
}

/**
 * Keeps what is refused, durably, before the terminal is told: its counter is no gap. Idempotent by terminal and SHA-256 of the bytes
 * sent (constraint `refused_invoice_identity`): the first refusal stays, a repeated one changes nothing.
 * @returns of each, in order, whether its row on file was kept whole: a repeated one may differ from `isKeptWhole`
 */
export async function storeRefusals(client: Queryable, refused: readonly KeptRefusal[]): Promise<boolean[]> {
  if (refused.length === 0) return [];
  const bodies = refused.map(({ body }) => Buffer.from(body, 'utf8'));
  let end = 0;
  const { rowCount } = await client.query(
    // Bytes travel as one binary parameter and are cut apart here: an array of bytea would be written as hexadecimal digits.
    `WITH refused AS MATERIALIZED (
       SELECT *, substring($2::bytea FROM start FOR length) AS sent
       FROM unnest($1::text[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::bigint[], $8::text[], $9::uuid[],
                   $10::boolean[], $11::integer[], $12::integer[], $13::jsonb[])
         AS listed(terminal_id, cause, detail, invoice_id, journal_id, counter, door, attempt_id, whole, start, length, pointers)
     ), digested AS MATERIALIZED (SELECT *, sha256(sent) AS digest FROM refused)
     INSERT INTO refused_invoice
       (terminal_id, digest, body, cause, detail, invoice_id, journal_id, counter, door, attempt_id,
        is_kept_whole, body_removed_at, payload_digest, pointers)
     SELECT terminal_id, digest, CASE WHEN whole THEN sent ELSE '' END, cause, detail, invoice_id, journal_id, counter, door,
            attempt_id, whole, CASE WHEN NOT whole THEN now() END, CASE WHEN NOT whole THEN payload_digest_of(sent) END,
            pointers
     FROM digested
     ORDER BY terminal_id, digest
     ON CONFLICT (terminal_id, digest) DO NOTHING`,
    [
      refused.map(({ terminalId }) => terminalId),
      Buffer.concat(bodies),
      refused.map(({ problem }) => problem.code),
      refused.map((one) => detailOf(one.problem, one.isKeptWhole ? DETAIL_LENGTH_MAX : FACTS_DETAIL_LENGTH_MAX)),
      refused.map(({ claims }) => claims.invoiceId),
      refused.map(({ claims }) => claims.journalId),
      refused.map(({ claims }) => claims.counter),
      refused.map(({ door }) => door),
      refused.map(({ attemptId }) => attemptId),
      refused.map(({ isKeptWhole }) => isKeptWhole),
      bodies.map(({ length }) => (end += length) - length + 1),
      bodies.map(({ length }) => length),
      refused.map((one) => JSON.stringify(pointersOf(one))),
    ],
  );
  if (rowCount === refused.length) return refused.map(({ isKeptWhole }) => isKeptWhole);
  return readKeptWhole(client, refused, bodies);
}

/** By the rows on file, because some were there before. */
async function readKeptWhole(
  client: Queryable,
  refused: readonly KeptRefusal[],
  bodies: readonly Buffer[],
): Promise<boolean[]> {
  const { rows } = await client.query<{ whole: boolean }>(
    `SELECT is_kept_whole IS TRUE AS whole
     FROM unnest($1::text[], $2::bytea[]) WITH ORDINALITY AS sent(terminal_id, digest, place)
     LEFT JOIN refused_invoice USING (terminal_id, digest)
     ORDER BY place`,
    [refused.map(({ terminalId }) => terminalId), bodies.map((body) => createHash('sha256').update(body).digest())],
  );
  return rows.map(({ whole }) => whole);
}

/** Characters that are kept of a detail: ten places with long names. The whole is in the bytes that were sent. */
const DETAIL_LENGTH_MAX = 2_000;
/** Of one whose bytes are not kept: the first place. */
const FACTS_DETAIL_LENGTH_MAX = 200;
/** What Postgres does not take in a text or in JSON, or nobody can read: a member's name may be anything. */
const NOT_ALLOWED = /[\p{Cc}\p{Cs}]/gu;

/** One text for people: the sentence and the places that it speaks of. */
function detailOf({ detail, errors = [] }: Problem, lengthMax: number): string {
  const text = [detail, ...errors.map((fault) => `${fault.pointer}: ${fault.detail}`)].join(' ');
  return text.slice(0, lengthMax).replaceAll(NOT_ALLOWED, '\u{FFFD}');
}

/** The places alone, as many as have room; none where only the facts are kept, of which there may be many a day. */
function pointersOf({ problem: { errors = [] }, isKeptWhole }: KeptRefusal): string[] {
  const pointers: string[] = [];
  let length = 0;
  for (const { pointer } of isKeptWhole ? errors : []) {
    length += pointer.length;
    if (length > DETAIL_LENGTH_MAX) break;
    pointers.push(pointer.replaceAll(NOT_ALLOWED, '\u{FFFD}'));
  }
  return pointers;
}
