import type { Queryable } from './queryable.js';
import type { SignedParts } from './signed-text.js';

/** What was signed, as it is stored; what retention has deleted is not there. */
export interface Content extends SignedParts {
  readonly attemptId: string | null;
}

/** The place of an invoice's content: its number, and when it came (UTC, RFC 3339), which names the partition. */
export interface ContentPlace {
  readonly sequence: number;
  readonly registeredAt: string;
}

/** Contents by sequence; those that are no longer kept are missing from the answer. */
export async function findContents(client: Queryable, places: readonly ContentPlace[]): Promise<Map<number, Content>> {
  const { rows } = await client.query<{
    sequence: string;
    payload: Buffer;
    signature: Buffer;
    signer: string;
    header: string | null;
    attempt_id: string | null;
  }>(
    `SELECT content.sequence, payload, signature, signer, header, attempt_id
     FROM unnest($1::bigint[], $2::timestamptz[]) AS named(sequence, registered_at)
     JOIN content USING (sequence, registered_at)`,
    [places.map(({ sequence }) => sequence), places.map(({ registeredAt }) => registeredAt)],
  );
  return new Map(
    rows.map(({ sequence, attempt_id: attemptId, ...content }) => [Number(sequence), { ...content, attemptId }]),
  );
}

/** How many bytes contents have, by sequence: told without reading them. */
export async function readContentBytes(
  client: Queryable,
  places: readonly ContentPlace[],
): Promise<Map<number, number>> {
  const { rows } = await client.query<{ sequence: string; bytes: number }>(
    `SELECT content.sequence, octet_length(payload) AS bytes
     FROM unnest($1::bigint[], $2::timestamptz[]) AS named(sequence, registered_at)
     JOIN content USING (sequence, registered_at)`,
    [places.map(({ sequence }) => sequence), places.map(({ registeredAt }) => registeredAt)],
  );
  return new Map(rows.map(({ sequence, bytes }) => [Number(sequence), bytes]));
}
