import { type FiledInvoice, filedOf, type LedgerRecord, WARNINGS_COLUMN } from './find-rows.js';
import type { Queryable } from './queryable.js';

/** Sales of one shop in a period: times of sale, `from` inclusive, `to` exclusive, RFC 3339. */
export interface ShopPeriod {
  readonly premisesId: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Sequence numbers of a shop's invoices, in order of terminal, journal and counter; numbers alone, so that the invoices
 * themselves can be read piece by piece and nobody holds a session meanwhile.
 * @param limit numbers at most
 */
export async function listShopSequences(
  client: Queryable,
  { premisesId, from, to }: ShopPeriod,
  limit: number,
): Promise<number[]> {
  const { rows } = await client.query<{ sequence: string }>(
    `SELECT sequence FROM ledger WHERE premises_id = $1 AND issued_at >= $2 AND issued_at < $3
     ORDER BY terminal_id, journal_id, counter, sequence LIMIT $4`,
    [premisesId, from, to, limit],
  );
  return rows.map(({ sequence }) => Number(sequence));
}

/** Invoices by their sequence numbers, in the order of the list. */
export async function findBySequences(client: Queryable, sequences: readonly number[]): Promise<FiledInvoice[]> {
  const { rows } = await client.query<LedgerRecord>(
    `SELECT ledger.*, ${WARNINGS_COLUMN} FROM unnest($1::bigint[]) WITH ORDINALITY AS named(sequence, place)
     JOIN ledger USING (sequence) ORDER BY place`,
    [sequences],
  );
  return rows.map(filedOf);
}
