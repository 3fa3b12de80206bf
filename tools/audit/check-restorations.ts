import type { Snapshot } from './snapshot.js';
import type { Tally } from './verdict.js';

interface Jump {
  readonly next_number: string;
  readonly recovered_at: Date;
}

interface Holder {
  readonly terminal_id: string;
  readonly status: string;
  readonly confirmed: boolean;
  /** Who excused it and why; null: nobody did. */
  readonly excused: string | null;
}

interface Dispute {
  readonly code: string;
  readonly terminal_id: string;
  readonly sequence_on_file: string;
  readonly settled: string | null;
}

/** Terminals that may hold receipts of before a jump, and whether they found all that they hold on file behind it. */
const holdersAt = ({ next_number: next, recovered_at: at }: Jump): string => `
  SELECT terminal_id::text, status,
         EXISTS (SELECT FROM terminal_holdings AS kept
                 WHERE kept.terminal_id = terminal.terminal_id AND kept.kept_since >= ${next}) AS confirmed,
         (SELECT excused_by || ': ' || reason FROM terminal_excuse AS excuse
          WHERE excuse.terminal_id = terminal.terminal_id AND excuse.next_number = ${next}) AS excused
  FROM terminal
  WHERE EXISTS (SELECT FROM terminal_certificate AS own
                WHERE own.terminal_id = terminal.terminal_id AND own.issued_at <= '${at.toISOString()}'::timestamptz + interval '1 ms')`;

/**
 * The last jump that anything may have been forgotten at: all but mere starts of PostgreSQL, and those too at which a number was forgotten that
 * was given since the jump before. A row that came back proves that, and so does a customer's signed receipt.
 */
const LAST_JUMP_SQL = `
SELECT next_number::text, recovered_at FROM (
  SELECT next_number, recovered_at, why, lag(next_number, 1, 0::bigint) OVER (ORDER BY next_number) AS first_number FROM database_recovery
) AS jump
WHERE why <> 'restarted'
   OR EXISTS (SELECT FROM ledger WHERE restored_at >= recovered_at AND sequence >= first_number AND sequence < next_number)
   OR EXISTS (SELECT FROM known_receipt WHERE receipt IS NOT NULL AND sequence >= first_number AND sequence < next_number)
ORDER BY next_number DESC LIMIT 1`;

const PER_PAGE = 500;

/**
 * I9: what a restored database forgot is back, or it is not known yet. Each till that may hold receipts has to have found all of them on file since
 * the last jump at which anything may have been forgotten, or be excused by name; no receipt may contradict what is on file; and what came back has a number below a jump.
 */
export async function checkRestorations(snapshot: Snapshot, tally: Tally): Promise<void> {
  const disputes = `
    SELECT dispute.code, dispute.terminal_id, sequence_on_file::text, ${settlementSql('dispute.code', 'ledger.code')} AS settled
    FROM code_dispute AS dispute LEFT JOIN ledger ON ledger.sequence = sequence_on_file ORDER BY dispute_id`;
  for await (const page of snapshot.pages<Dispute & { code: string }>(disputes, PER_PAGE))
    for (const { code, terminal_id: till, sequence_on_file: number, settled } of page)
      tellDispute(
        tally,
        `Till ${till} holds a genuine receipt of code ${code}, which contradicts number ${number} on file`,
        settled,
      );
  const [strays] = await snapshot.query<{ count: string }>(
    `SELECT count(*) FROM ledger
     WHERE restored_at IS NOT NULL AND sequence >= (SELECT COALESCE(max(next_number), 0) FROM database_recovery)`,
  );
  tally.expect(
    Number(strays?.count) === 0,
    () => `${strays?.count} invoices came back with numbers that no jump was made behind.`,
  );
  const [jump] = await snapshot.query<Jump>(LAST_JUMP_SQL);
  await noteStartAnew(snapshot, tally, jump);
  if (jump === undefined) return;
  const holders = `${holdersAt(jump)} ORDER BY terminal_id`;
  const since = `the database was restored or replaced (${jump.recovered_at.toISOString()})`;
  for await (const page of snapshot.pages<Holder & { terminal_id: string }>(holders, PER_PAGE))
    for (const { terminal_id: till, status, confirmed, excused } of page) {
      tally.looked();
      if (confirmed) continue;
      if (status === 'revoked') tally.note(`Till ${till} is revoked: what it alone holds comes back by its journal.`);
      else if (excused !== null)
        tally.note(`Till ${till} was not heard of since ${since}: what it holds may be missing. Excused by ${excused}`);
      else tally.find(`Till ${till} was not heard of since ${since}: what it holds may be missing.`);
    }
}

/** The newest decision of the contradiction between two codes, as text; null: none was made. */
export function settlementSql(code: string, codeOnFile: string): string {
  return `(
    SELECT 'settled by ' || settled_by || ' (' || stands || '): ' || reason FROM settled_dispute AS settled
    WHERE settled.code = ${code} AND settled.code_on_file = ${codeOnFile} ORDER BY settlement_id DESC LIMIT 1)`;
}

/** A dispute that somebody decided on breaks nothing any more; it is named. */
export function tellDispute(tally: Tally, what: string, settled: string | null): void {
  if (settled === null) tally.find(`${what}.`);
  else tally.note(`${what}; ${settled}`);
}

/** A mere start of PostgreSQL forgets nothing; an older copy that was put back looks the same, until a till or a customer brings something. */
async function noteStartAnew(snapshot: Snapshot, tally: Tally, judged: Jump | undefined): Promise<void> {
  const [last] = await snapshot.query<Jump>(
    'SELECT next_number::text, recovered_at FROM database_recovery ORDER BY next_number DESC LIMIT 1',
  );
  if (last === undefined || last.next_number === judged?.next_number) return;
  const [unheard] = await snapshot.query<{ count: string }>(
    `SELECT count(*) FROM (${holdersAt(last)}) AS holder WHERE status <> 'revoked' AND NOT confirmed`,
  );
  if (Number(unheard?.count) > 0)
    tally.note(
      `PostgreSQL was started anew (${last.recovered_at.toISOString()}), and ${unheard?.count} tills have not said since that all they hold is on file: ` +
        'if an older copy was put back then, what they hold may be missing.',
    );
}
