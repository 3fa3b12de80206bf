import { JOURNAL_EXPORT_VERSION, JournalExportTally, parseCompactJws, parseJsonBytes } from '@tax-control/protocol';
import { TillFiles } from '../enrolment/till-files.js';
import type { InvoiceRow } from './entries.js';
import type { FetchedRow } from './fetched-store.js';
import { openFoundJournal } from './journal-on-disk.js';
import { guarded, JournalUnavailable } from './journal-unavailable.js';
import { hasTable } from './marked-chains.js';
import type { Database } from './sqlite/database.js';
import type { Row } from './sqlite/driver.js';

/** Name under which a page's rows bear the key that they are gone through by. */
const SORT_KEY = 'sort_key';

type Line = Readonly<Record<string, unknown>>;

interface Table {
  readonly name: string;
  /** Column by which it is gone through; integers, growing. */
  readonly key: string;
  readonly line: (row: Row) => Line;
}

const TABLES: readonly Table[] = [
  {
    name: 'journals',
    key: 'position',
    line: (row) => ({
      kind: 'journal',
      journalId: row['journal_id'],
      openedAt: row['opened_at'],
      reason: row['reason'],
    }),
  },
  {
    name: 'certificates',
    key: 'rowid',
    line: (row) => ({ kind: 'certificate', thumbprint: row['thumbprint'], pem: row['pem'] }),
  },
  { name: 'settings', key: 'rowid', line: (row) => ({ kind: 'setting', name: row['name'], value: row['value'] }) },
  { name: 'losses', key: 'position', line: ({ detail, ...row }) => ({ kind: 'loss', ...row, detail }) },
  { name: 'invoices', key: 'position', line: (row) => invoiceLine(row as unknown as InvoiceRow) },
  { name: 'fetched_invoices', key: 'position', line: (row) => fetchedLine(row as unknown as FetchedRow) },
  { name: 'attempts', key: 'position', line: (row) => ({ kind: 'log', ...row }) },
  { name: 'feed', key: 'cursor', line: ({ kind, ...row }) => ({ kind: 'feed', event: kind, ...row }) },
];

/**
 * Everything that the journal of a till's folder holds, as JSON Lines (without line feeds): first a line of kind `till`,
 * then journal, certificate, setting, loss, invoice (JWS, receipt, state; `fetchedAt`: from the server), log, feed; the last is of kind `end` and
 * says what stands before it (`JournalExportEnd`), so that half a file is told from a whole one. The till's key is not needed, nor that it is
 * enrolled. Also of a damaged journal: what cannot be read is told in lines of kind `unreadable`, with table and position, and nothing is written
 * to the file.
 * @throws JournalUnavailable held by another program, or nothing there to read
 */
export function* exportJournal(directory: string): Generator<string> {
  const files = new TillFiles(directory);
  const { database, close } = openFoundJournal(files.journal);
  const tally = new JournalExportTally();
  const told = (line: Line): string => {
    const text = JSON.stringify(line);
    tally.add(text, line['kind']);
    return text;
  };
  try {
    yield told({ kind: 'till', exportVersion: JOURNAL_EXPORT_VERSION, terminalId: terminalIdOf(files) });
    for (const table of TABLES.filter(({ name }) => isThere(database, name)))
      for (const line of linesOf(database, table)) yield told(line);
    yield JSON.stringify(tally.end());
  } finally {
    close();
  }
}

/** A file of an earlier version lacks tables; where that cannot be read, each says so itself. */
function isThere(database: Database, table: string): boolean {
  try {
    return guarded(() => hasTable(database, table));
  } catch (error) {
    if (error instanceof JournalUnavailable) return true;
    throw error;
  }
}

/** Rows between two damaged places that are looked for one by one, in a few seconds; an archive's damaged page has some ten. */
const ROWS_BETWEEN_MAX = 100_000;

/** From the oldest on; where a page of the file cannot be read, from the newest back to it; then each row between by itself. */
function* linesOf(database: Database, table: Table): Generator<Line> {
  let last = -1;
  let damage: unknown;
  try {
    for (const row of rowsOf(database, table, 'ASC', last)) {
      last = Number(row[SORT_KEY]);
      yield lineOf(table, row);
    }
    return;
  } catch (error) {
    damage = error;
    yield unreadable(table, `after ${last}`, error);
  }
  let first = Number.POSITIVE_INFINITY;
  try {
    for (const row of rowsOf(database, table, 'DESC', last)) {
      first = Number(row[SORT_KEY]);
      yield lineOf(table, row);
    }
  } catch (error) {
    damage = error;
    yield unreadable(table, `before ${first}`, error);
  }
  yield* linesBetween(database, table, { after: last, before: first }, damage);
}

/** The rows between two that could be read, and how many positions there are of which no row could be. */
function* linesBetween(
  database: Database,
  table: Table,
  { after, before }: { readonly after: number; readonly before: number },
  damage: unknown,
): Generator<Line> {
  if (before - after > ROWS_BETWEEN_MAX) return;
  const missing: number[] = [];
  for (let position = after + 1; position < before; position += 1) {
    const row = rowAt(database, table, position);
    if (row === null) missing.push(position);
    else yield lineOf(table, row);
  }
  const [first] = missing;
  if (first !== undefined) yield unreadable(table, `${first} to ${missing.at(-1)}, ${missing.length} of them`, damage);
}

function rowAt(database: Database, { name, key }: Table, position: number): Row | null {
  try {
    const sql = `SELECT ${key} AS ${SORT_KEY}, * FROM ${name} WHERE ${key} = ?`;
    return guarded(() => database.prepare<[number], Row>(sql).get(position)) ?? null;
  } catch (error) {
    if (!(error instanceof JournalUnavailable)) throw error;
    return null;
  }
}

function* rowsOf(database: Database, { name, key }: Table, order: 'ASC' | 'DESC', after: number): Generator<Row> {
  const sql = `SELECT ${key} AS ${SORT_KEY}, * FROM ${name} WHERE ${key} > ? ORDER BY ${key} ${order}`;
  const rows = guarded(() => database.prepare<[number], Row>(sql).iterate(after));
  try {
    for (;;) {
      const next = guarded(() => rows.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    rows.return();
  }
}

/** A row that SQLite gives and that has other values than were written is damaged too. */
function lineOf(table: Table, row: Row): Line {
  try {
    return table.line(Object.fromEntries(Object.entries(row).filter(([name]) => name !== SORT_KEY)));
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
    return { kind: 'unreadable', table: table.name, where: String(row[SORT_KEY]), detail: error.message };
  }
}

function unreadable({ name }: Table, where: string, error: unknown): Line {
  if (!(error instanceof JournalUnavailable)) throw error;
  return { kind: 'unreadable', table: name, where, detail: error.message };
}

function invoiceLine(row: InvoiceRow): Line {
  return {
    kind: 'invoice',
    terminalId: terminalOf(row.jws),
    journalId: row.journal_id,
    counter: row.counter,
    saleId: row.sale_id,
    invoiceId: row.invoice_id,
    state: row.state,
    invoice: row.jws,
    digest: row.digest,
    receipt: row.receipt,
    code: row.code,
    cause: row.cause,
    problem: row.problem === null ? null : (JSON.parse(row.problem) as unknown),
    warnings: JSON.parse(row.warnings) as unknown,
    failures: row.failures,
    signedAt: new Date(row.signed_at).toISOString(),
  };
}

/** Of a lost chain, fetched back from the server: which sale it was the till does not know. */
function fetchedLine(row: FetchedRow): Line {
  return {
    kind: 'invoice',
    terminalId: row.jws === null ? null : terminalOf(row.jws),
    journalId: row.journal_id,
    counter: row.counter,
    saleId: null,
    invoiceId: row.invoice_id,
    state: row.state,
    invoice: row.jws,
    digest: row.digest,
    receipt: row.receipt,
    code: row.code,
    problem: row.problem === null ? null : (JSON.parse(row.problem) as unknown),
    warnings: JSON.parse(row.warnings) as unknown,
    fetchedAt: new Date(row.fetched_at).toISOString(),
  };
}

function terminalOf(jws: string): string | null {
  const payload = parseCompactJws(jws)?.payload;
  const invoice = payload && parseJsonBytes(payload)?.value;
  const terminalId = (invoice as { readonly terminalId?: unknown } | null | undefined)?.terminalId;
  return typeof terminalId === 'string' ? terminalId : null;
}

function terminalIdOf(files: TillFiles): string | null {
  try {
    return files.terminal()?.terminalId ?? null;
  } catch {
    return null;
  }
}
