import type { SqliteError } from './sqlite-error.js';

/** What the journal stores in a column. Integers are numbers, at most ±(2^53 − 1). */
export type SqliteValue = string | number | null;

export type Row = Readonly<Record<string, unknown>>;

/** A prepared statement. Both drivers have these four methods, which take values by place or one object by name. */
export interface DriverStatement {
  run(...values: readonly unknown[]): unknown;
  get(...values: readonly unknown[]): Row | undefined;
  all(...values: readonly unknown[]): readonly Row[];
  iterate(...values: readonly unknown[]): IterableIterator<Row>;
}

export interface DriverConnection {
  exec(sql: string): unknown;
  prepare(sql: string): DriverStatement;
  close(): unknown;
}

/** One of the two programs that read and write SQLite files, and where they differ. */
export interface Driver {
  readonly name: 'node:sqlite' | 'better-sqlite3';
  open(file: string, options: { readonly readOnly: boolean }): DriverConnection;
  /** Plain object with numbers. @throws RangeError an integer beyond ±(2^53 − 1) */
  readRow(row: Row): Row;
  /** What SQLite said; null when the error is not SQLite's. */
  readError(error: unknown): SqliteError | null;
}
