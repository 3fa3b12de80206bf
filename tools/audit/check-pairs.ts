import type { Snapshot } from './snapshot.js';
import type { Tally } from './verdict.js';

const ROWS_PER_PAGE = 500;

/**
 * The other direction of "one to one": content that no row of the ledger names. A second content of one number has another
 * time of registration than the ledger (else the primary key refuses it), so it shows here too.
 */
export async function checkStrayContent(snapshot: Snapshot, tally: Tally): Promise<void> {
  const sql = `
    SELECT content.sequence, content.registered_at FROM content
    WHERE NOT EXISTS (
      SELECT FROM ledger
      WHERE ledger.sequence = content.sequence AND ledger.registered_at = content.registered_at
    ) ORDER BY content.sequence`;
  for await (const page of snapshot.pages<{ sequence: string; registered_at: Date }>(sql, ROWS_PER_PAGE))
    for (const { sequence, registered_at: at } of page)
      tally.find(`Content of sequence ${sequence}, registered ${at.toISOString()}, belongs to no row of the ledger.`);
}
