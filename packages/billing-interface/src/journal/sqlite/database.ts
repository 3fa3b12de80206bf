import type { Driver, DriverConnection, DriverStatement, Row, SqliteValue } from './driver.js';
import { SqliteError } from './sqlite-error.js';

/** Values of a statement by their names in it: `@name`. Names that it does not have are passed over. */
export type NamedValues = Readonly<Record<string, SqliteValue>>;
export type Values = readonly SqliteValue[] | readonly [NamedValues];

/** Runs a call of the driver; what SQLite throws comes out as `SqliteError`. */
type Run = <T>(call: () => T) => T;

/** A prepared statement: the same values, rows and errors with both drivers. */
export class Statement<V extends Values, R> {
  readonly #names: readonly string[];

  constructor(
    private readonly statement: DriverStatement,
    sql: string,
    private readonly driver: Driver,
    private readonly execute: Run,
  ) {
    this.#names = [...sql.matchAll(/@(\w+)/g)].map(([, name = '']) => name);
  }

  run(...values: V): void {
    this.execute(() => this.statement.run(...this.#bind(values)));
  }

  get(...values: V): R | undefined {
    const row = this.execute(() => this.statement.get(...this.#bind(values)));
    return row === undefined ? undefined : this.#read(row);
  }

  all(...values: V): R[] {
    return this.execute(() => this.statement.all(...this.#bind(values))).map((row) => this.#read(row));
  }

  *iterate(...values: V): Generator<R, void> {
    const rows = this.execute(() => this.statement.iterate(...this.#bind(values)));
    try {
      for (;;) {
        const next = this.execute(() => rows.next());
        if (next.done === true) return;
        yield this.#read(next.value);
      }
    } finally {
      rows.return?.();
    }
  }

  #read(row: Row): R {
    return this.driver.readRow(row) as R;
  }

  /** Checks what the drivers take differently: one of them stores `undefined` as NULL and `true` as 1. */
  #bind(values: Values): readonly unknown[] {
    const [named] = values;
    if (typeof named === 'object' && named !== null)
      return [Object.fromEntries(this.#names.map((name) => [name, storable(named[name], name)]))];
    return values.map((value, index) => storable(value, String(index + 1)));
  }
}

function storable(value: unknown, name: string): SqliteValue {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  throw new TypeError(`The value ${name} of a statement is of type ${typeof value}.`);
}

/** An open file of SQLite: the one seam to the driver. The calls are synchronous. */
export class Database {
  readonly #connection: DriverConnection;
  #isOpen = true;
  #depth = 0;
  #rollbacks = 0;
  /** What broke the transaction that is open: SQLite may have rolled it back, so nothing more may be written in it. */
  #broken: SqliteError | null = null;

  /** @throws SqliteError the file cannot be opened */
  constructor(
    private readonly driver: Driver,
    file: string,
    options: { readonly readOnly: boolean; readonly lockWaitMs: number },
  ) {
    this.#connection = this.#execute(() => driver.open(file, options));
    this.exec(`PRAGMA busy_timeout = ${options.lockWaitMs}`);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** How many transactions, nested ones too, were rolled back: what a caller remembers of a file may be wrong when this has changed. */
  get rollbacks(): number {
    return this.#rollbacks;
  }

  /** One statement or several, without values. */
  exec(sql: string): void {
    this.#execute(() => this.#connection.exec(sql));
  }

  prepare<V extends Values = Values, R = never>(sql: string): Statement<V, R> {
    const statement = this.#execute(() => this.#connection.prepare(sql));
    return new Statement<V, R>(statement, sql, this.driver, (call) => this.#execute(call));
  }

  /** The one value that a query or a `PRAGMA` gives. */
  value(sql: string): unknown {
    return Object.values(this.prepare<[], Row>(sql).get() ?? {})[0];
  }

  /**
   * All of it or nothing; on disk when it returns. Transactions nest. An error of SQLite other than a broken constraint ends the
   * outermost one too, since SQLite may have rolled back all of it (sqlite.org/lang_transaction.html).
   */
  transaction<T>(work: () => T): T {
    const isOutermost = this.#depth === 0;
    this.exec(isOutermost ? 'BEGIN IMMEDIATE' : 'SAVEPOINT nested');
    this.#depth += 1;
    try {
      const result = work();
      this.exec(isOutermost ? 'COMMIT' : 'RELEASE nested');
      return result;
    } catch (error) {
      this.#undo(isOutermost ? 'ROLLBACK' : 'ROLLBACK TO nested; RELEASE nested');
      throw error;
    } finally {
      this.#depth -= 1;
      if (isOutermost) this.#broken = null;
    }
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#execute(() => this.#connection.close());
  }

  #undo(sql: string): void {
    this.#rollbacks += 1;
    try {
      this.#connection.exec(sql);
    } catch {
      // SQLite has rolled it back by itself; the first error is the one to tell.
    }
  }

  #execute<T>(call: () => T): T {
    if (this.#broken !== null) throw this.#broken;
    try {
      return call();
    } catch (error) {
      const said = this.driver.readError(error);
      if (said === null) throw error;
      if (this.#depth > 0 && said.result !== 'SQLITE_CONSTRAINT') this.#broken = said;
      throw said;
    }
  }
}
