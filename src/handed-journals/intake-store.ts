import type { HandedRefusal, HandedState } from '@tax-control/protocol/console';
import type { Sql } from '../registry/sql.js';

/** How long a journal is left to the server that works on it, in seconds. A step takes a fraction of one; a server that was killed leaves no word. */
const WORKER_SECONDS = 10;

/** A journal that is due, and is this server's for the next step. */
export interface DueJournal {
  readonly handedId: number;
  readonly terminalId: string;
  readonly isCheck: boolean;
  readonly state: HandedState;
  /** DER; by whom they were issued is not judged. */
  readonly certificates: readonly Buffer[];
  /** Thumbprints that its invoices name. */
  readonly signers: readonly string[];
}

/**
 * Takes the journal that has been due longest, unless another server works on it: one journal at a time is taken in, by one server. Two servers
 * would do no harm, because every result is the same whoever brings it about.
 * @returns null: nothing to do
 */
export async function takeDueJournal(sql: Sql, worker: string): Promise<DueJournal | null> {
  const { rows } = await sql.query<DueJournal>(
    `UPDATE handed_journal SET worker = $1, worker_until = now() + make_interval(secs => $2)
     WHERE handed_id = (SELECT handed_id FROM handed_journal WHERE due_at <= now() ORDER BY due_at, handed_id LIMIT 1)
       AND (worker IS NULL OR worker = $1 OR worker_until < now())
     RETURNING handed_id AS "handedId", terminal_id AS "terminalId", is_check AS "isCheck", state, certificates, signers`,
    [worker, WORKER_SECONDS],
  );
  return rows[0] ?? null;
}

/** Leaves whatever this server works on to others, at once. */
export async function leaveJournals(sql: Sql, worker: string): Promise<void> {
  await sql.query('UPDATE handed_journal SET worker = NULL, worker_until = NULL WHERE worker = $1', [worker]);
}

/** A pass through what was deferred begins. */
export async function beginPass(sql: Sql, handedId: number): Promise<void> {
  await sql.query(`UPDATE handed_journal SET state = 'waiting' WHERE handed_id = $1 AND state = 'deferred'`, [
    handedId,
  ]);
}

/** Lets a journal rest, so that it keeps no other from its turn. */
export async function postpone(sql: Sql, handedId: number, seconds: number): Promise<void> {
  await sql.query(
    `UPDATE handed_journal SET due_at = now() + make_interval(secs => $2), worker = NULL, worker_until = NULL
     WHERE handed_id = $1 AND due_at IS NOT NULL`,
    [handedId, seconds],
  );
}

/** The first wait of what was deferred, and the longest, in seconds; it doubles in between. */
const RETRY_SECONDS_MIN = 60;
const RETRY_SECONDS_MAX = 3_600;

/** Ends a pass in which every invoice has got its result. What was deferred is due again later. @returns the journal's state */
export async function endPass(sql: Sql, handedId: number): Promise<HandedState> {
  const { rows } = await sql.query<{ state: HandedState }>(
    `UPDATE handed_journal
     SET state = CASE WHEN has_deferred THEN 'deferred' ELSE 'done' END,
       due_at = CASE WHEN has_deferred THEN now() + make_interval(secs => least($2 * 2.0 ^ least(passes, 20), $3)) END,
       passes = passes + 1, ended_at = now(), worker = NULL, worker_until = NULL
     FROM (SELECT EXISTS (SELECT FROM handed_invoice WHERE handed_id = $1 AND result = 'deferred') AS has_deferred) AS seen
     WHERE handed_id = $1 RETURNING state`,
    [handedId, RETRY_SECONDS_MIN, RETRY_SECONDS_MAX],
  );
  return rows[0]?.state ?? 'done';
}

/** Whether a journal that was gone through had all receipts of its till, and all of them are on file: it and its file were whole. */
export async function hadAllReceipts(sql: Sql, handedId: number): Promise<boolean> {
  const { rows } = await sql.query<{ all: boolean }>(
    `SELECT NOT findings @? '$[*] ? (@.kind == "cut" || @.kind == "changed" || @.kind == "unreadable")'
       AND NOT EXISTS (SELECT FROM handed_invoice WHERE handed_invoice.handed_id = $1 AND has_receipt AND result = 'refused') AS all
     FROM handed_journal WHERE handed_id = $1`,
    [handedId],
  );
  return rows[0]?.all === true;
}

/** Refuses a journal whole. */
export async function refuseJournal(sql: Sql, handedId: number, because: HandedRefusal): Promise<void> {
  await sql.query(
    `UPDATE handed_journal SET state = 'refused', refused_because = $2, due_at = NULL, ended_at = now(), worker = NULL, worker_until = NULL
     WHERE handed_id = $1`,
    [handedId, because],
  );
}

/** Dry runs are looked at once. */
export async function forgetChecks(sql: Sql): Promise<void> {
  await sql.query('SELECT forget_checked_journals()');
}
