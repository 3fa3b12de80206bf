import type { ChainsOnFile } from './find-losses.js';
import { type Mark, MARKED_CHAINS_MAX, type MarkedEnd } from './mark-file.js';
import type { Database } from './sqlite/database.js';

/** What a file says of its chains; also one of an earlier version, which knows no losses. */
export function chainsOnFile(database: Database): ChainsOnFile {
  const last = database.prepare<[string], { counter: number | null }>(
    'SELECT max(counter) AS counter FROM invoices WHERE journal_id = ?',
  );
  const at = database.prepare<[string, number], { digest: string }>(
    'SELECT digest FROM invoices WHERE journal_id = ? AND counter = ?',
  );
  const loss = hasTable(database, 'losses')
    ? database.prepare<[string, number], { position: number }>(
        'SELECT position FROM losses WHERE journal_id = ? AND written >= ? LIMIT 1',
      )
    : null;
  return {
    lastCounter: (journalId) => last.get(journalId)?.counter ?? 0,
    digestAt: (journalId, counter) => at.get(journalId, counter)?.digest ?? null,
    isLossKnown: (journalId, counter) => loss?.get(journalId, counter) !== undefined,
  };
}

/**
 * What the mark has to say of a file: the current chain, then lost ones with what they had written, so that a second loss does not hide the
 * first, then the chains before.
 */
export function markedEnds(database: Database): Mark {
  const idsOf = (sql: string) => database.prepare<[], { id: string }>(sql).all();
  const [current, ...others] = idsOf(
    `SELECT journal_id AS id FROM journals ORDER BY position DESC LIMIT ${MARKED_CHAINS_MAX}`,
  );
  const lost = idsOf('SELECT journal_id AS id FROM losses WHERE digest IS NOT NULL ORDER BY position DESC');
  const ids = new Set([...(current ? [current] : []), ...lost, ...others].map(({ id }) => id));
  const end = database.prepare<[string, string], Omit<MarkedEnd, 'journalId'>>(
    `SELECT counter, digest FROM (
       SELECT counter, digest FROM (SELECT counter, digest FROM invoices WHERE journal_id = ? ORDER BY counter DESC LIMIT 1)
       UNION ALL SELECT written, digest FROM losses WHERE journal_id = ? AND digest IS NOT NULL
     ) ORDER BY counter DESC LIMIT 1`,
  );
  return [...ids].slice(0, MARKED_CHAINS_MAX).map((journalId) => {
    const { counter, digest } = end.get(journalId, journalId) ?? { counter: 0, digest: null };
    return { journalId, counter, digest };
  });
}

export function hasTable(database: Database, name: string): boolean {
  return database.value(`SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '${name}'`) === 1;
}
