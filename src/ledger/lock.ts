import type { Queryable } from './queryable.js';

/**
 * Holds the journals and originals of a list until its transaction ends, so that sums of refunds, the first of two voids and a counter's
 * second use are judged one after the other (a role without UPDATE cannot lock rows). All locks of a list are taken in one ascending
 * order and before any row is written, so no two lists can wait for each other.
 *
 * The key is the last 64 bits of the UUID, random in every version but for two bits. Two that share them, by chance or on purpose,
 * only wait for each other.
 *
 * @param uuids journal ids, and invoice ids of originals
 */
export async function lockForList(client: Queryable, uuids: readonly string[]): Promise<void> {
  const keys = [...new Set(uuids.map(lockKey))].sort((one, other) => (one < other ? -1 : 1));
  await client.query({
    name: 'lock-for-list',
    text: 'SELECT pg_advisory_xact_lock(key) FROM unnest($1::bigint[]) AS key',
    values: [keys.map(String)],
  });
}

/** Characters of a UUID from which its last 64 bits are written: `89ab-0123456789ab`. */
const LAST_64_BITS = -17;
const KEY_BITS = 64;

function lockKey(uuid: string): bigint {
  return BigInt.asIntN(KEY_BITS, BigInt(`0x${uuid.slice(LAST_64_BITS).replace('-', '')}`));
}
