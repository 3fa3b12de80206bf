import { groupDigits, tableLines } from '../../screen/table.js';
import type { SizeBenchResult } from './size-bench.js';
import { type TableSize, totalBytes } from './table-sizes.js';

const BYTES_PER_MB = 1_000_000;
/** Tables with a row for each invoice. */
const OF_INVOICE = ['ledger', 'content'] as const;
/** With a row for each entry of a till's log. */
const OF_ENTRY = 'transaction_log_entry';

export function sizeLines({ issued, simulated }: SizeBenchResult): string[] {
  const { invoices, payloadBytes, walBytes, serverPeakBytes } = issued;
  const each = (bytes: number, count: number): string => groupDigits(Math.round(bytes / count));
  const row = (table: TableSize, count: number): string[] => [
    table.table,
    groupDigits(table.rows),
    each(table.heap, count),
    each(table.toast, count),
    each(table.indexes, count),
    each(totalBytes(table), count),
  ];
  const { days, tills, entries } = simulated;
  const heading = ['table', 'rows', 'heap', 'toast', 'indexes', 'together'];
  const sums = sumTables(simulated.tables);
  return [
    `Issued ${groupDigits(invoices)} invoices of ${each(payloadBytes, 1)} signed bytes; bytes of one invoice:`,
    ...tableLines([heading, ...tablesOf(issued.tables, OF_INVOICE).map((table) => row(table, invoices))]),
    `  write-ahead log: ${each(walBytes, invoices)} bytes of one invoice`,
    serverPeakBytes === null
      ? '  the server’s memory cannot be measured here'
      : `  the server had ${(serverPeakBytes / BYTES_PER_MB).toFixed(0)} MB at the most`,
    '',
    `Simulated ${days} days of ${tills} tills: ${groupDigits(simulated.invoices)} invoices, ${groupDigits(entries)} entries of logs.`,
    'Bytes of one entry:',
    ...tableLines([heading, ...tablesOf(simulated.tables, [OF_ENTRY]).map((table) => row(table, entries))]),
    'Bytes of one till and day, sums and what is kept for the console:',
    ...tableLines([heading, ...sums.map((table) => row(table, days * tills))]),
    `  together ${each(sumOf(sums), days * tills)} bytes of one till and day`,
  ];
}

/** For programs, in bytes. */
export function sizeSummary({ issued, simulated }: SizeBenchResult): object {
  const { invoices, tables } = issued;
  const perInvoice = (name: string): number => Math.round(sumOf(tablesOf(tables, [name])) / invoices);
  return {
    invoices,
    payload: Math.round(issued.payloadBytes),
    ledger: perInvoice('ledger'),
    content: perInvoice('content'),
    wal: Math.round(issued.walBytes / invoices),
    entry: Math.round(sumOf(tablesOf(simulated.tables, [OF_ENTRY])) / simulated.entries),
    tillDay: Math.round(sumOf(sumTables(simulated.tables)) / (simulated.days * simulated.tills)),
    serverPeak: issued.serverPeakBytes,
  };
}

function tablesOf(tables: readonly TableSize[], names: readonly string[]): readonly TableSize[] {
  return tables.filter(({ table }) => names.includes(table));
}

/** What grows with tills and days and not with each sale; registry and accounts are nothing beside it. */
function sumTables(tables: readonly TableSize[]): readonly TableSize[] {
  const perRow: readonly string[] = [...OF_INVOICE, OF_ENTRY];
  return tables.filter(({ table }) => !perRow.includes(table));
}

function sumOf(tables: readonly TableSize[]): number {
  return tables.reduce((sum, table) => sum + totalBytes(table), 0);
}
