import { digestOf } from '@tax-control/protocol';
import type { Queryable } from './queryable.js';

/** Place of an invoice in its journal. */
export interface JournalPlace {
  readonly terminalId: string;
  readonly journalId: string;
  readonly counter: number;
}

/**
 * What stands before and behind an invoice in its journal. Digests are base64url SHA-256 of payloads. More than one where a
 * counter was used twice.
 * @property before digests with the counter before, refused ones included
 * @property namedBehind what those with the next counter name as their predecessor; null: nothing
 */
export interface Neighbours {
  readonly before: readonly string[];
  readonly namedBehind: readonly (string | null)[];
}

/** Looks at both neighbours of an invoice. */
export async function findNeighbours(client: Queryable, place: JournalPlace): Promise<Neighbours> {
  const { terminalId, journalId, counter } = place;
  const { rows: filed } = await client.query<{
    counter: string;
    digest: Buffer;
    previous_digest: Buffer | null;
    kept: boolean;
  }>(
    `SELECT ledger.counter, ledger.digest, content.previous_digest, content.sequence IS NOT NULL AS kept
     FROM ledger LEFT JOIN content ON content.sequence = ledger.sequence AND content.registered_at = ledger.registered_at
     WHERE ledger.journal_id = $1 AND ledger.terminal_id = $2 AND ledger.counter IN ($3::bigint - 1, $3::bigint + 1)`,
    [journalId, terminalId, counter],
  );
  const { rows: refused } = await client.query<{ body: Buffer; payload_digest: Buffer | null }>(
    'SELECT body, payload_digest FROM refused_invoice WHERE journal_id = $1 AND terminal_id = $2 AND counter = $3::bigint - 1',
    [journalId, terminalId, counter],
  );
  const isBefore = (row: { readonly counter: string }): boolean => Number(row.counter) < counter;
  return {
    before: [
      ...filed.filter(isBefore).map(({ digest }) => digest.toString('base64url')),
      ...refused.map((row) => row.payload_digest?.toString('base64url') ?? digestOfRefused(row.body)),
    ],
    namedBehind: filed
      .filter((row) => !isBefore(row) && row.kept)
      .map((row) => row.previous_digest?.toString('base64url') ?? null),
  };
}

/** Digest of the payload of what was refused, as a till has it: of the middle part of the compact JWS. */
function digestOfRefused(body: Buffer): string {
  const [, payload = ''] = body.toString('latin1').split('.');
  return digestOf(Buffer.from(payload, 'base64url'));
}
