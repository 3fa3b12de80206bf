import { digestOf, type Invoice, parseCompactJws, parseJsonBytes } from '@tax-control/protocol';
import { journalUnavailable } from './journal-unavailable.js';
import type { Database } from './sqlite/database.js';

/** Invoices at the end of the file whose chain is checked at each opening: some days of a shop, and a few milliseconds. */
const TAIL_LENGTH = 500;

/** One link of a chain as its row has it. */
export interface ChainRow {
  readonly journal_id: string;
  readonly counter: number;
  readonly invoice_id: string;
  readonly jws: string;
  readonly digest: string;
}

/** What the chain says of the invoice before. */
export type PreviousLink = Pick<ChainRow, 'counter' | 'digest'> | null;

/** Throws `JournalUnavailable` (damaged) when SQLite's own check or the end of the chains does not hold. */
export function checkIntegrity(database: Database): void {
  const verdict = database.value('PRAGMA quick_check(1)');
  if (verdict !== 'ok') throw journalUnavailable('damaged', String(verdict));
  const tail = database
    .prepare<[number], ChainRow>(
      'SELECT journal_id, counter, invoice_id, jws, digest FROM invoices ORDER BY position DESC LIMIT ?',
    )
    .all(TAIL_LENGTH)
    .toReversed();
  const previous = new Map<string, ChainRow>();
  for (const row of tail) {
    const fault = linkFault(row, previous.get(row.journal_id));
    if (fault !== null) throw journalUnavailable('damaged', fault);
    previous.set(row.journal_id, row);
  }
}

/**
 * What is wrong with one link: bytes that are not those of the digest, members that differ from the row, a counter that
 * does not follow, a previous digest that is another one. Null when it holds.
 * @param previous the link before; `null` when this must be the first; `undefined` when it is not known
 */
export function linkFault(row: ChainRow, previous: PreviousLink | undefined): string | null {
  const where = `counter ${row.counter} of journal ${row.journal_id}`;
  const payload = parseCompactJws(row.jws)?.payload;
  if (payload === undefined) return `${where}: the signed invoice cannot be read`;
  if (digestOf(payload) !== row.digest) return `${where}: the digest does not fit the signed bytes`;
  const invoice = (parseJsonBytes(payload)?.value ?? {}) as Partial<Invoice>;
  if (invoice.id !== row.invoice_id || invoice.journalId !== row.journal_id || invoice.counter !== row.counter)
    return `${where}: the row and the signed invoice differ`;
  if (previous === undefined) return null;
  if (row.counter !== (previous?.counter ?? 0) + 1)
    return `${where}: the counter does not follow ${previous?.counter ?? 0}`;
  return invoice.previousDigest === (previous?.digest ?? null)
    ? null
    : `${where}: the digest of the invoice before differs`;
}
