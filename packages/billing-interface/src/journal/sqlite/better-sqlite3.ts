import { createRequire } from 'node:module';
import type { Driver, DriverConnection, Row } from './driver.js';
import { resultOfName, SqliteError } from './sqlite-error.js';

/** What is used of better-sqlite3. */
type BetterSqlite3 = new (
  file: string,
  options: { readonly readonly: boolean },
) => DriverConnection & { defaultSafeIntegers(): unknown };

/** SQLite for Node.js 20, which has none of its own; null where better-sqlite3 is not installed or was not compiled. */
export function betterSqlite3Driver(): Driver | null {
  const Connection = load();
  if (Connection === null) return null;
  return {
    name: 'better-sqlite3',
    open: (file, { readOnly }) => {
      const connection = new Connection(file, { readonly: readOnly });
      // By itself it rounds what is beyond 2^53 in silence.
      connection.defaultSafeIntegers();
      return connection;
    },
    readRow: (row: Row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, readValue(value)])),
    readError: (error) => {
      if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null;
      if (!error.code.startsWith('SQLITE_')) return null;
      return new SqliteError(resultOfName(error.code), error.message, { cause: error });
    },
  };
}

function load(): BetterSqlite3 | null {
  try {
    const connection = createRequire(import.meta.url)('@tax-control/sqlite-for-node-20') as BetterSqlite3;
    // The compiled part is looked for when a database is opened, and only then found to be missing or of another Node.js.
    new connection(':memory:', { readonly: false }).close();
    return connection;
  } catch {
    return null;
  }
}

function readValue(value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`The integer ${value} is beyond ±(2^53 − 1).`);
  return number;
}
