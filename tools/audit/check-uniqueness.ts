import type { Environment } from '@tax-control/protocol';
import { SEQUENCE_RANGES } from './sequence-ranges.js';
import type { Snapshot } from './snapshot.js';
import type { Tallies, Tally } from './verdict.js';

/** Groups come sorted by the database; a page of them is small. */
const GROUPS_PER_PAGE = 500;

interface Group {
  readonly what: string;
  readonly times: string;
}

/**
 * Twins of numbers, codes, identities and contents (I1, I2). Counted over the whole tables and not by their unique indexes:
 * a broken or missing index is one of the things that may have gone wrong.
 */
export async function checkUniqueness(snapshot: Snapshot, environment: Environment, tallies: Tallies): Promise<void> {
  await snapshot.query('SET LOCAL enable_indexscan = off');
  await snapshot.query('SET LOCAL enable_bitmapscan = off');
  await findTwins(snapshot, tallies.I1, 'sequence::text', 'sequence number');
  await findTwins(snapshot, tallies.I1, 'code', 'code');
  await findTwins(snapshot, tallies.I2, `terminal_id || ' / ' || invoice_id`, 'identity (terminal / invoice)');
  await findTwins(snapshot, tallies.I2, `encode(digest, 'hex')`, 'content (SHA-256)');
  await snapshot.query('SET LOCAL enable_indexscan = on');
  await snapshot.query('SET LOCAL enable_bitmapscan = on');
  await checkNextNumber(snapshot, environment, tallies.I1);
}

async function findTwins(snapshot: Snapshot, tally: Tally, expression: string, word: string): Promise<void> {
  const sql = `SELECT ${expression} AS what, count(*) AS times FROM ledger GROUP BY 1 HAVING count(*) > 1 ORDER BY 1`;
  for await (const page of snapshot.pages<Group & { what: string }>(sql, GROUPS_PER_PAGE))
    for (const { what, times } of page) tally.find(`The ${word} ${what} is in the ledger ${times} times.`);
}

/** The sequence must stand at or behind the highest number on file, or it will give that number again. */
async function checkNextNumber(snapshot: Snapshot, environment: Environment, tally: Tally): Promise<void> {
  const { sequenceName, first, last } = SEQUENCE_RANGES[environment];
  const [row] = await snapshot.query<{ highest: string | null; given: string | null }>(
    `SELECT (SELECT max(sequence) FROM ledger WHERE sequence BETWEEN $1 AND $2) AS highest,
            (SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM ${sequenceName}) AS given`,
    [first, last],
  );
  if (row === undefined || row.highest === null) return;
  const { highest, given } = row;
  tally.expect(
    Number(given) >= Number(highest),
    () => `${sequenceName} stands at ${given}, but ${highest} is on file: numbers will be given again.`,
  );
}
