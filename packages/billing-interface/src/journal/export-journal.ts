import { parseCompactJws, readStoredInvoice } from '@tax-control/protocol';
import { TillFiles } from '../enrolment/till-files.js';
import type { InvoiceRow } from './entries.js';
import type { FetchedRow } from './fetched-store.js';
import { guarded, JournalUnavailable } from './journal-unavailable.js';
import { hasTable } from './marked-chains.js';
import { openJournalForReading } from './open-journal.js';
import type { Database } from './sqlite/database.js';
import type { Row } from './sqlite/driver.js';

/** Version of the export's lines; members are only ever added within one. */
const EXPORT_VERSION = 1;

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
 * then journal, certificate, setting, loss, invoice (JWS, receipt, state; `fetchedAt`: from the server), log, feed. Also of a damaged journal: what cannot be
 * read is told in lines of kind `unreadable`, and nothing is written to the file.
 * @throws JournalUnavailable held by another program, or nothing there to read
 */
export function* exportJournal(directory: string): Generator<string> {
  const files = new TillFiles(directory);
  const database = openJournalForReading(files.journal);
  try {
    yield JSON.stringify({ kind: 'till', exportVersion: EXPORT_VERSION, terminalId: terminalIdOf(files) });
    for (const table of TABLES.filter(({ name }) => isThere(database, name)))
      for (const line of linesOf(database, table)) yield JSON.stringify(line);
  } finally {
    database.close();
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

/** From the oldest on; where a page of the file cannot be read, from the newest back to it. */
function* linesOf(database: Database, table: Table): Generator<Line> {
  let last = -1;
  try {
    for (const row of rowsOf(database, table, 'ASC', last)) {
      last = Number(row[SORT_KEY]);
      yield lineOf(table, row);
    }
    return;
  } catch (error) {
    yield unreadable(table, `after ${last}`, error);
  }
  let first = Number.POSITIVE_INFINITY;
  try {
    for (const row of rowsOf(database, table, 'DESC', last)) {
      first = Number(row[SORT_KEY]);
      yield lineOf(table, row);
    }
  } catch (error) {
    yield unreadable(table, `before ${first}`, error);
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

function lineOf(table: Table, row: Row): Line {
  return table.line(Object.fromEntries(Object.entries(row).filter(([name]) => name !== SORT_KEY)));
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
  return payload === undefined ? null : readStoredInvoice(payload).terminalId;
}

function terminalIdOf(files: TillFiles): string | null {
  try {
    return files.terminal()?.terminalId ?? null;
  } catch {
    return null;
  }
}
