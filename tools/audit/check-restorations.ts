import type { Snapshot } from './snapshot.js';
import type { Tally } from './verdict.js';

interface Jump {
  readonly next_number: string;
  readonly recovered_at: Date;
  readonly forgot: boolean;
}

interface Holder {
  readonly terminal_id: string;
  readonly status: string;
  readonly confirmed: boolean;
}

interface Dispute {
  readonly code: string;
  readonly terminal_id: string;
  readonly sequence_on_file: string;
}

/** The last jump that anything may have been forgotten at: all but mere starts of PostgreSQL, and those too behind which something came back. */
const LAST_JUMP_SQL = `
SELECT next_number::text, recovered_at, true AS forgot FROM database_recovery AS jump
WHERE why <> 'restarted'
   OR EXISTS (SELECT FROM ledger WHERE restored_at >= jump.recovered_at AND sequence < jump.next_number)
ORDER BY next_number DESC LIMIT 1`;

const PER_PAGE = 500;

/**
 * I9: what a restored database forgot is back, or it is not known yet. Each till that may hold receipts has to have found all of them on file since
 * the last jump at which anything may have been forgotten; no receipt may contradict what is on file; and what came back has a number below a jump.
 */
export async function checkRestorations(snapshot: Snapshot, tally: Tally): Promise<void> {
  const disputes = 'SELECT code, terminal_id, sequence_on_file::text FROM code_dispute ORDER BY dispute_id';
  for await (const page of snapshot.pages<Dispute & { code: string }>(disputes, PER_PAGE))
    for (const { code, terminal_id: till, sequence_on_file: number } of page)
      tally.find(`Till ${till} holds a genuine receipt of code ${code}, which contradicts number ${number} on file.`);
  const [strays] = await snapshot.query<{ count: string }>(
    `SELECT count(*) FROM ledger
     WHERE restored_at IS NOT NULL AND sequence >= (SELECT COALESCE(max(next_number), 0) FROM database_recovery)`,
  );
  tally.expect(
    Number(strays?.count) === 0,
    () => `${strays?.count} invoices came back with numbers that no jump was made behind.`,
  );
  const [jump] = await snapshot.query<Jump>(LAST_JUMP_SQL);
  if (jump === undefined) return;
  const holders = `
    SELECT terminal_id::text, status,
           EXISTS (SELECT FROM terminal_holdings AS kept
                   WHERE kept.terminal_id = terminal.terminal_id AND kept.kept_since >= ${jump.next_number}) AS confirmed
    FROM terminal
    WHERE EXISTS (SELECT FROM terminal_certificate AS own WHERE own.terminal_id = terminal.terminal_id)
    ORDER BY terminal_id`;
  const since = `the database was restored or replaced (${jump.recovered_at.toISOString()})`;
  for await (const page of snapshot.pages<Holder & { terminal_id: string }>(holders, PER_PAGE))
    for (const { terminal_id: till, status, confirmed } of page) {
      tally.looked();
      if (confirmed) continue;
      if (status === 'revoked') tally.note(`Till ${till} is revoked: what it alone holds comes back by its journal.`);
      else tally.find(`Till ${till} was not heard of since ${since}: what it holds may be missing.`);
    }
}
