import type { Reads } from '../database/reads.js';

/** Digits of the sequence at the beginning of a code. */
const SEQUENCE_DIGITS = 12;

/** Those of the codes that are not on file for the terminal, in their order. A look at the ledger's key for each. */
export async function findMissing(database: Reads, terminalId: string, codes: readonly string[]): Promise<string[]> {
  const { rows } = await database.query<{ code: string }>(
    'SELECT code FROM ledger WHERE sequence = ANY ($1::bigint[]) AND terminal_id = $2',
    [codes.map((code) => code.slice(0, SEQUENCE_DIGITS)), terminalId],
  );
  const onFile = new Set(rows.map(({ code }) => code));
  return codes.filter((code) => !onFile.has(code));
}

/** Another invoice or another code on file than a receipt says. */
export interface Contradiction {
  /** Of the row on file that contradicts it. */
  readonly sequence: number;
}

/**
 * What is on file against a receipt: its number with another code or invoice, or its invoice with another code or other bytes; null: nothing is.
 */
export async function findContradiction(
  database: Reads,
  {
    terminalId,
    invoiceId,
    code,
    digest,
  }: Pick<Dispute, 'terminalId' | 'invoiceId' | 'code'> & { readonly digest: Buffer },
): Promise<Contradiction | null> {
  const { rows } = await database.query<{ sequence: string }>(
    `SELECT sequence FROM ledger
     WHERE (sequence = $1 OR (terminal_id = $2 AND invoice_id = $3))
       AND NOT (code = $4 AND terminal_id = $2 AND invoice_id = $3 AND digest = $5)
     LIMIT 1`,
    [code.slice(0, SEQUENCE_DIGITS), terminalId, invoiceId, code, digest],
  );
  const [row] = rows;
  return row === undefined ? null : { sequence: Number(row.sequence) };
}

/** A genuine receipt that contradicts the row `onFile`. `receipt`, `invoice`: compact JWS. */
export interface Dispute {
  readonly terminalId: string;
  readonly invoiceId: string;
  readonly code: string;
  readonly onFile: Contradiction;
  readonly receipt: string;
  readonly invoice: string;
}

/** Keeps a dispute, once; nothing on file is changed. @returns whether it is a new one */
export async function keepDispute(
  database: Reads,
  { terminalId, invoiceId, code, onFile, receipt, invoice }: Dispute,
): Promise<boolean> {
  const { rowCount } = await database.query(
    `INSERT INTO code_dispute (terminal_id, invoice_id, code, sequence_on_file, receipt, invoice)
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
    [terminalId, invoiceId, code, onFile.sequence, receipt, invoice],
  );
  return rowCount === 1;
}

/**
 * All that the terminal holds was on file, behind the jump that begins at this number. Idempotent; it never goes back. A number at which no jump
 * was made says nothing, and is passed by.
 */
export async function confirmHoldings(database: Reads, terminalId: string, keptSince: number): Promise<void> {
  await database.query(
    `INSERT INTO terminal_holdings AS kept (terminal_id, kept_since, confirmed_at) SELECT $1, $2::bigint, now()
     WHERE EXISTS (SELECT FROM database_recovery WHERE next_number = $2::bigint)
     ON CONFLICT (terminal_id) DO UPDATE SET kept_since = EXCLUDED.kept_since, confirmed_at = EXCLUDED.confirmed_at
     WHERE kept.kept_since < EXCLUDED.kept_since`,
    [terminalId, keptSince],
  );
}

/**
 * Numbers that were given while a copy was made may be missing below the highest on file: a transaction that had its number and was not committed
 * yet. The whole country gives so many in half an hour, and no transaction lives as long.
 */
const NUMBERS_UNDER_WAY_MAX = 100_000;

/**
 * The number up to which nothing that the terminal holds was forgotten, since it last found all on file. It says behind which jump that was; the
 * database believes no more of it than it knows itself, because what the terminal confirmed may be forgotten, too.
 *
 * @param since first number behind a jump; null: by none
 * @returns null: nothing is certain
 */
export async function findKeptUpTo(database: Reads, terminalId: string, since: number | null): Promise<number | null> {
  const { rows } = await database.query<{ highest: string | null }>(
    `SELECT min(highest_on_file) AS highest FROM database_recovery
     WHERE next_number > LEAST($2::bigint, COALESCE((SELECT kept_since FROM terminal_holdings WHERE terminal_id = $1), 0))`,
    [terminalId, since ?? 0],
  );
  const highest = rows[0]?.highest ?? null;
  return highest === null ? null : Number(highest) - NUMBERS_UNDER_WAY_MAX;
}

/** First number behind the last jump; null: the numbers never jumped. */
export async function findLastJump(database: Reads): Promise<number | null> {
  const { rows } = await database.query<{ last: string | null }>(
    'SELECT max(next_number) AS last FROM database_recovery',
  );
  const last = rows[0]?.last ?? null;
  return last === null ? null : Number(last);
}
