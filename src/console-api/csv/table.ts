import type { Cell } from './cell.js';

/** One column: its heading, which is the JSON member's name where there is one, and how to get its cell. */
export interface Column<Row> {
  readonly heading: string;
  readonly cell: (row: Row) => Cell;
}

/** Names of a row's members that are cells as they stand. */
type PlainMember<Row> = {
  [Key in keyof Row & string]: Row[Key] extends Cell | undefined ? Key : never;
}[keyof Row & string];

/** Columns of a table: a member's name, or a heading with what to compute. */
export function columns<Row>(
  ...names: readonly (PlainMember<Row> | readonly [heading: string, cell: (row: Row) => Cell])[]
): readonly Column<Row>[] {
  return names.map((name) =>
    typeof name === 'string'
      ? { heading: name, cell: (row: Row) => (row[name] ?? null) as Cell }
      : { heading: name[0], cell: name[1] },
  );
}

/** One of the tables in a report: its name in the address, its columns, and where its rows are. */
export interface Table<Report> {
  readonly name: string;
  readonly lines: (report: Report) => Iterable<readonly Cell[]>;
}

/** A table of a report whose rows are of another type than those of its neighbours. */
export function table<Report, Row>(
  name: string,
  rows: (report: Report) => readonly Row[],
  rowColumns: readonly Column<Row>[],
): Table<Report> {
  return {
    name,
    *lines(report) {
      yield rowColumns.map(({ heading }) => heading);
      for (const row of rows(report)) yield rowColumns.map(({ cell }) => cell(row));
    },
  };
}
