import {
  HANDED_RESULTS,
  type HandedFinding,
  type HandedJournal,
  type HandedRefusal,
  type HandedState,
} from '@tax-control/protocol/console';
import type { Sql } from '../registry/sql.js';

export interface NewHandedJournal {
  readonly terminalId: string;
  readonly digest: Buffer;
  readonly isCheck: boolean;
  readonly handedBy: string;
  readonly reason: string;
  readonly invoices: number;
  readonly certificates: readonly Buffer[];
  readonly signers: readonly string[];
}

/** Stores a journal, before its invoices. Idempotent by its digest, but for a dry run. @returns its number; null: it is on file */
export async function addHandedJournal(sql: Sql, journal: NewHandedJournal): Promise<number | null> {
  const { terminalId, digest, isCheck, handedBy, reason, invoices, certificates, signers } = journal;
  const { rows } = await sql.query<{ handed_id: number }>(
    `INSERT INTO handed_journal (terminal_id, digest, is_check, handed_by, reason, invoices, certificates, signers)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (digest) WHERE NOT is_check AND state <> 'refused' DO NOTHING RETURNING handed_id`,
    [terminalId, digest, isCheck, handedBy, reason, invoices, certificates, signers],
  );
  return rows[0]?.handed_id ?? null;
}

/** The number of the journal with this digest, unless it was refused whole; null: none. */
export async function findByDigest(sql: Sql, digest: Buffer): Promise<number | null> {
  const { rows } = await sql.query<{ handed_id: number }>(
    `SELECT handed_id FROM handed_journal WHERE digest = $1 AND NOT is_check AND state <> 'refused'`,
    [digest],
  );
  return rows[0]?.handed_id ?? null;
}

/** Lets the servers go through a journal once more: what was deferred is tried at once, and whether its till is revoked now is looked at. */
export async function goThroughAgain(sql: Sql, handedId: number): Promise<void> {
  await sql.query(
    `UPDATE handed_journal SET due_at = now(), state = CASE state WHEN 'done' THEN 'waiting' ELSE state END
     WHERE handed_id = $1 AND (state = 'done' OR (state = 'deferred' AND due_at > now()))`,
    [handedId],
  );
}

interface JournalRow {
  readonly handed_id: number;
  readonly terminal_id: string;
  readonly digest: string;
  readonly is_check: boolean;
  readonly handed_by: string;
  readonly reason: string;
  readonly handed_at: Date;
  readonly invoices: number;
  readonly findings: readonly HandedFinding[];
  readonly findings_count: number;
  readonly state: HandedState;
  readonly refused_because: HandedRefusal | null;
  readonly due_at: Date | null;
  readonly ended_at: Date | null;
  readonly results: Readonly<Record<string, number>>;
}

const SELECT_JOURNALS = `
SELECT handed_id, terminal_id, encode(digest, 'hex') AS digest, is_check, handed_by, reason, handed_at, invoices, findings, findings_count,
  state, refused_because, due_at, ended_at,
  (SELECT coalesce(jsonb_object_agg(coalesce(result, 'waiting'), count), '{}')
   FROM (SELECT result, count(*) FROM handed_invoice WHERE handed_invoice.handed_id = handed_journal.handed_id GROUP BY result) AS counted
  ) AS results
FROM handed_journal`;

export async function readHandedJournal(sql: Sql, handedId: number): Promise<HandedJournal | null> {
  const { rows } = await sql.query<JournalRow>(`${SELECT_JOURNALS} WHERE handed_id = $1`, [handedId]);
  return rows[0] === undefined ? null : fromRow(rows[0]);
}

/** Which journals, the newest first. */
export interface JournalsWanted {
  /** Only of this terminal; null: of all. */
  readonly terminalId: string | null;
  /** Only of terminals in these premises; null: in all. */
  readonly premisesIds: readonly string[] | null;
  /** Only those that were handed in before this one; null: from the newest on. */
  readonly before: number | null;
  /** Of these, so many are passed over. */
  readonly offset?: number;
  readonly limit: number;
}

/** Dry runs are left out. */
export async function listHandedJournals(
  sql: Sql,
  { terminalId, premisesIds, before, offset = 0, limit }: JournalsWanted,
): Promise<HandedJournal[]> {
  const { rows } = await sql.query<JournalRow>(
    `${SELECT_JOURNALS}
     WHERE NOT is_check AND ($1::text IS NULL OR terminal_id = $1) AND ($2::integer IS NULL OR handed_id < $2)
       AND ($3::text[] IS NULL OR terminal_id IN (SELECT terminal_id FROM terminal WHERE premises_id = ANY ($3)))
     ORDER BY handed_id DESC OFFSET $4 LIMIT $5`,
    [terminalId, before, premisesIds, offset, limit],
  );
  return rows.map(fromRow);
}

function fromRow(row: JournalRow): HandedJournal {
  const results = Object.fromEntries([...HANDED_RESULTS, 'waiting'].map((name) => [name, row.results[name] ?? 0]));
  return {
    handedId: row.handed_id,
    terminalId: row.terminal_id,
    digest: row.digest,
    isCheck: row.is_check,
    handedBy: row.handed_by,
    reason: row.reason,
    handedAt: row.handed_at.toISOString(),
    invoices: row.invoices,
    findings: row.findings,
    findingsCount: row.findings_count,
    state: row.state,
    refusedBecause: row.refused_because,
    dueAt: row.due_at?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
    results: results as HandedJournal['results'],
  };
}
