import { csvRow } from '../csv/cell.js';
import type { Column } from '../csv/table.js';

/** A table as CSV, batch by batch as it is asked for. */
export async function* tablePieces<Row>(
  rowColumns: readonly Column<Row>[],
  batches: () => AsyncIterable<readonly Row[]>,
): AsyncGenerator<string> {
  yield csvRow(rowColumns.map(({ heading }) => heading));
  for await (const rows of batches()) yield rows.map((row) => csvRow(rowColumns.map(({ cell }) => cell(row)))).join('');
}
