import { groupDigits, tableLines } from '../../screen/table.js';
import type { DaysSize, SizeBenchResult, SumsTable } from './size-bench.js';
import { type TableSize, totalBytes } from './table-sizes.js';

const BYTES_PER_MB = 1_000_000;
/** Tables with rows for each invoice. */
const OF_INVOICE = ['ledger', 'ledger_tax', 'content'] as const;
/** With a row for each entry of a till's log. */
const OF_ENTRY = 'transaction_log_entry';

export function sizeLines({ issued, simulated }: SizeBenchResult): string[] {
  const { invoices, payloadBytes, walBytes, serverPeakBytes } = issued;
  const { days, tills, entries } = simulated;
  const heading = ['table', 'rows', 'heap', 'toast', 'indexes', 'together'];
  const ofSums = sumsOf(simulated);
  return [
    `Issued ${groupDigits(invoices)} invoices of ${each(payloadBytes, 1)} signed bytes; bytes of one invoice:`,
    ...tableLines([heading, ...tablesOf(issued.tables, OF_INVOICE).map((table) => rowOf(table, invoices))]),
    `  write-ahead log: ${each(walBytes, invoices)} bytes of one invoice`,
    serverPeakBytes === null
      ? '  the server’s memory cannot be measured here'
      : `  the server had ${(serverPeakBytes / BYTES_PER_MB).toFixed(0)} MB at the most`,
    '',
    `Simulated ${days} days of ${tills} tills: ${groupDigits(simulated.invoices)} invoices, ${groupDigits(entries)} entries of logs.`,
    `  write-ahead log of all of it: ${each(simulated.walBytes, simulated.invoices)} bytes of one invoice`,
    'Bytes of one entry:',
    ...tableLines([heading, ...tablesOf(simulated.tables, [OF_ENTRY]).map((table) => rowOf(table, entries))]),
    'Sums, bytes of one day:',
    ...tableLines([
      ['table', 'of a till with its premises and taxpayer', 'of the regions and the country'],
      ...ofSums.map(({ table, tillDay, countryDay }) => [table, groupDigits(tillDay), groupDigits(countryDay)]),
    ]),
  ];
}

/** For programs, in bytes. */
export function sizeSummary({ issued, simulated }: SizeBenchResult): object {
  const { invoices, tables } = issued;
  const perInvoice = (name: string): number => Math.round(sumOf(tablesOf(tables, [name])) / invoices);
  const ofSums = sumsOf(simulated);
  return {
    invoices,
    payload: Math.round(issued.payloadBytes),
    ledger: perInvoice('ledger'),
    tax: perInvoice('ledger_tax'),
    content: perInvoice('content'),
    wal: Math.round(issued.walBytes / invoices),
    walOfAll: Math.round(simulated.walBytes / simulated.invoices),
    entry: Math.round(sumOf(tablesOf(simulated.tables, [OF_ENTRY])) / simulated.entries),
    tillDay: ofSums.reduce((sum, { tillDay }) => sum + tillDay, 0),
    countryDay: ofSums.reduce((sum, { countryDay }) => sum + countryDay, 0),
    serverPeak: issued.serverPeakBytes,
  };
}

interface SumsOfDay {
  readonly table: SumsTable;
  readonly tillDay: number;
  readonly countryDay: number;
}

/** Bytes of the sums, parted as their rows are. The other tables are small beside them, or grow with failures alone. */
function sumsOf({ tables, placeShares, days, tills }: DaysSize): SumsOfDay[] {
  return (['invoice_statistics', 'attempt_count'] as const).map((table) => {
    const bytes = sumOf(tablesOf(tables, [table]));
    return {
      table,
      tillDay: Math.round((bytes * placeShares[table]) / (days * tills)),
      countryDay: Math.round((bytes * (1 - placeShares[table])) / days),
    };
  });
}

function each(bytes: number, count: number): string {
  return groupDigits(Math.round(bytes / count));
}

function rowOf(table: TableSize, count: number): string[] {
  const { heap, toast, indexes, rows } = table;
  const columns = [heap, toast, indexes, totalBytes(table)].map((bytes) => each(bytes, count));
  return [table.table, groupDigits(rows), ...columns];
}

function tablesOf(tables: readonly TableSize[], names: readonly string[]): readonly TableSize[] {
  return tables.filter(({ table }) => names.includes(table));
}

function sumOf(tables: readonly TableSize[]): number {
  return tables.reduce((sum, table) => sum + totalBytes(table), 0);
}
