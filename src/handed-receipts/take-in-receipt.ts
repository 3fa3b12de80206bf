import { parseCode, type Problem, problem } from '@tax-control/protocol';
import type { HandedReceipt, ReceiptFacts } from '@tax-control/protocol/console';
import type { Pool, PoolClient } from 'pg';
import type { AuditedAct } from '../audit-trail/audited-act.js';
import { inTransaction } from '../database/transaction.js';
import { findLastJump } from '../ledger/holdings.js';
import type { Taken } from '../rate-limits/rate-limits.js';
import type { Sql } from '../registry/sql.js';
import { findTerminal, type Terminal } from '../registry/terminals.js';
import { addKnownReceipt, findKnownReceipt } from './known-receipt-store.js';
import {
  type GenuineReading,
  type GenuineReceipt,
  type Print,
  readPrint,
  readSignedReceipt,
  type ReceiptKeys,
} from './read-handed-receipt.js';

/** A receipt as a customer has it: the server's own JWS, or what the paper shows. */
export type Handed =
  { readonly by: 'receipt'; readonly text: string } | { readonly by: 'print'; readonly print: Print };

/**
 * Bounds the wrong prints of one official: the MAC has six digits, and who may try without end finds one that fits.
 * @property take counts a try before it is made; @property giveBack takes back one that was not wrong
 */
export interface PrintTries {
  readonly take: () => Promise<Taken>;
  readonly giveBack: () => Promise<void>;
}

/**
 * A receipt to be taken in.
 * @property isCheck a dry run
 * @property sees whether who hands it in may know of the terminal
 * @property tries null: without a bound, because the caller can read the MAC keys
 * @property record writes the act into the audit trail, in the transaction that stores the receipt; a print that does not fit too, of a dry run as well
 */
export interface TakeIn {
  readonly handed: Handed;
  readonly takenBy: string;
  readonly reason: string;
  readonly isCheck: boolean;
  readonly sees: (terminal: Terminal) => boolean;
  readonly tries: PrintTries | null;
  readonly record: (client: PoolClient, act: AuditedAct) => Promise<void>;
}

/**
 * Takes in a receipt that only a customer has (docs/decisions/0048): its number is accounted for then, without content. Idempotent. A genuine
 * receipt that contradicts what is on file is kept as well, and its problem is `code_in_dispute`. Of any other problem nothing is stored.
 *
 * @throws the driver's errors: the same again finds out
 */
export async function takeInReceipt(pool: Pool, given: TakeIn, keys: ReceiptKeys): Promise<HandedReceipt | Problem> {
  const reading = await read(pool, given, keys);
  if (!reading.ok) return reading.problem;
  const { receipt } = reading;
  const terminal = await findTerminal(pool, receipt.facts.terminalId);
  if (terminal === null || !given.sees(terminal)) return unknownTerminal(receipt.facts.terminalId);
  const elsewhere = placeFault(receipt.facts, terminal);
  if (elsewhere !== null) return elsewhere;
  const answer = { isCheck: given.isCheck, facts: receipt.facts };
  const onFile = await findOnFile(pool, receipt);
  if (onFile === 'same') return { result: 'on_file', ...answer, known: null };
  // Before the dispute: an older copy that was put back unnoticed has given the number, or the invoice a number, a second time.
  if (receipt.sequence >= ((await findLastJump(pool)) ?? 0)) return problem('receipt_not_forgotten');
  const known = await findKnownReceipt(pool, receipt.facts);
  if (onFile === 'other') {
    if (!given.isCheck && known === null) await store(pool, given, receipt);
    return problem('code_in_dispute');
  }
  if (known !== null) return { result: 'known', ...answer, known };
  if (given.isCheck) return { result: 'taken_in', ...answer, known: null };
  const stored = await store(pool, given, receipt);
  if (stored !== null) return { result: 'taken_in', ...answer, known: stored };
  // Somebody else was first with it.
  return { result: 'known', ...answer, known: await findKnownReceipt(pool, receipt.facts) };
}

async function read(pool: Pool, given: TakeIn, keys: ReceiptKeys): Promise<GenuineReading> {
  const { handed, sees } = given;
  if (handed.by === 'receipt') return readSignedReceipt(handed.text, keys);
  const { terminalId, code } = handed.print;
  const parsed = parseCode(code);
  if (parsed === null) return refused(problem('code_mistyped'));
  if (parsed.environment !== keys.environment) return refused(problem('receipt_of_other_environment'));
  const terminal = await findTerminal(pool, terminalId);
  if (terminal === null || !sees(terminal)) return refused(unknownTerminal(terminalId));
  if (!(await mayBeTried(pool, parsed)))
    return refused(
      problem('receipt_not_forgotten', { detail: 'Whether the paper is genuine was not tried; a signed receipt is.' }),
    );
  return tryPrint(pool, given, () => readPrint(handed.print, terminal, keys));
}

/** A code that is on file says nothing new. Of the others only those that a restore can have forgotten are tried, never those still to be given. */
async function mayBeTried(sql: Sql, { code, sequence }: NonNullable<ReturnType<typeof parseCode>>): Promise<boolean> {
  if (sequence < ((await findLastJump(sql)) ?? 0)) return true;
  const { rowCount } = await sql.query('SELECT FROM ledger WHERE sequence = $1 AND code = $2', [sequence, code]);
  return rowCount === 1;
}

/** One try whether a print fits its code. A wrong one is counted and enters the audit trail. */
async function tryPrint(pool: Pool, given: TakeIn, attempt: () => GenuineReading): Promise<GenuineReading> {
  const { handed, tries, reason, isCheck } = given;
  const taken = await tries?.take();
  if (taken?.allowed === false)
    return refused(
      problem('too_many_requests', {
        detail: 'Too many prints of yours did not fit their codes.',
        retryAfterMs: taken.retryAfterMs,
      }),
    );
  const reading = attempt();
  if (reading.ok || handed.by !== 'print') {
    await tries?.giveBack();
    return reading;
  }
  const { terminalId: subject, code } = handed.print;
  const facts = { code: parseCode(code)?.code ?? null, problem: reading.problem.code, isCheck };
  await inTransaction(pool, (client) => given.record(client, { action: 'receipt.refused', subject, reason, facts }));
  return reading;
}

function refused(found: Problem): GenuineReading {
  return { ok: false, problem: found };
}

/** A terminal belongs to one taxpayer and one place for life, so a receipt of others is of no terminal that is registered. */
function placeFault({ terminalId, taxpayerId, premisesId }: ReceiptFacts, terminal: Terminal): Problem | null {
  if (terminal.taxpayerId === taxpayerId && terminal.premisesId === premisesId) return null;
  return problem('receipt_of_unknown_terminal', {
    detail:
      `The receipt names the terminal ${terminalId} of the taxpayer ${taxpayerId} at the premises ${premisesId}. ` +
      `It is registered for the taxpayer ${terminal.taxpayerId} at the premises ${terminal.premisesId}.`,
  });
}

function unknownTerminal(terminalId: string): Problem {
  return problem('receipt_of_unknown_terminal', { detail: `Register the terminal ${terminalId} first.` });
}

function store(
  pool: Pool,
  { takenBy, reason, record }: TakeIn,
  receipt: GenuineReceipt,
): ReturnType<typeof addKnownReceipt> {
  return inTransaction(pool, async (client) => {
    const stored = await addKnownReceipt(client, receipt, { takenBy, reason });
    if (stored === null) return null;
    const { terminalId: subject, code, knownBy } = receipt.facts;
    await record(client, { action: 'receipt.taken_in', subject, reason, facts: { code, knownBy } });
    return stored;
  });
}

/**
 * What the ledger and other receipts have of its number and its invoice: the same, another, or nothing. A print names no invoice, so what it
 * shows must be what is on file under its code.
 */
async function findOnFile(
  sql: Sql,
  { facts, sequence, digest }: GenuineReceipt,
): Promise<'same' | 'other' | 'nothing'> {
  const { code, terminalId, invoiceId, counter, total } = facts;
  const { rows } = await sql.query<{ same: boolean; in_ledger: boolean }>(
    `SELECT true AS in_ledger,
            code = $2 AND terminal_id = $3 AND counter = $5 AND total = $6 AND ($4::uuid IS NULL OR invoice_id = $4 AND digest = $7) AS same
     FROM ledger WHERE sequence = $1 OR (terminal_id = $3 AND invoice_id = $4)
     UNION ALL
     SELECT false, code = $2 FROM known_receipt WHERE sequence = $1 OR (terminal_id = $3 AND invoice_id = $4)`,
    [sequence, code, terminalId, invoiceId, counter, total, digest],
  );
  if (rows.some(({ same }) => !same)) return 'other';
  return rows.some(({ in_ledger: inLedger }) => inLedger) ? 'same' : 'nothing';
}
