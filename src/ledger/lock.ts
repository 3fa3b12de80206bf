import { arrayLiteral } from '../database/array-literal.js';
import type { Queryable } from './queryable.js';

/**
 * Holds the journals and originals of a list until its transaction ends, so that sums of refunds, the first of two voids and a counter's
 * second use are judged one after the other (a role without UPDATE cannot lock rows). All locks of a list are taken in one ascending
 * order and before any row is written, so no two lists can wait for each other.
 *
 * The key is the last 48 bits of the UUID, random in versions 4 and 7. Two that share them, by chance or on purpose, only wait for
 * each other.
 *
 * @param uuids journal ids, and invoice ids of originals
 */
export async function lockForList(client: Queryable, uuids: readonly string[]): Promise<void> {
  const keys = [...new Set(uuids.map(lockKey))].sort((one, other) => one - other);
  await client.query({
    name: 'lock-for-list',
    text: 'SELECT pg_advisory_xact_lock(key) FROM unnest($1::bigint[]) AS key',
    values: [arrayLiteral(keys)],
  });
}

/**
 * Takes those of the locks that nobody else holds, and waits for none.
 *
 * @returns the UUIDs whose lock this transaction has
 */
export async function lockWhatIsFree(client: Queryable, uuids: readonly string[]): Promise<Set<string>> {
  const { rows } = await client.query<{ key: string; taken: boolean }>(
    'SELECT key, pg_try_advisory_xact_lock(key) AS taken FROM unnest($1::bigint[]) AS key',
    [arrayLiteral([...new Set(uuids.map(lockKey))])],
  );
  const free = new Set(rows.filter(({ taken }) => taken).map(({ key }) => Number(key)));
  return new Set(uuids.filter((uuid) => free.has(lockKey(uuid))));
}

/** Hexadecimal digits of a UUID behind its last hyphen: as many bits as a number holds exactly. */
const LAST_48_BITS = -12;

function lockKey(uuid: string): number {
  return Number.parseInt(uuid.slice(LAST_48_BITS), 16);
}
