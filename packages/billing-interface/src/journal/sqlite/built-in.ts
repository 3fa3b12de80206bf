import type { Driver, DriverConnection, Row } from './driver.js';
import { resultOfNumber, SqliteError } from './sqlite-error.js';

/** What is used of the module `node:sqlite`; the types of Node.js 20 do not know it. */
interface BuiltInModule {
  readonly DatabaseSync: new (file: string, options: { readonly readOnly: boolean }) => DriverConnection;
}

/** SQLite as Node.js brings it; null for a Node.js before 22.13, and for one that was built without it. */
export function builtInDriver(): Driver | null {
  const sqlite = loadQuietly();
  if (sqlite === null) return null;
  return {
    name: 'node:sqlite',
    open: (file, options) => new sqlite.DatabaseSync(file, options),
    // Its rows have no prototype: what expects a plain object would stumble on this driver alone.
    readRow: (row: Row) => ({ ...row }),
    readError: (error) => {
      if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return null;
      return new SqliteError(resultOfNumber(error.errcode), error.message, { cause: error });
    },
  };
}

/**
 * Loads the module without the one warning that Node.js 22 gives at this moment: that SQLite is experimental. The cashier can
 * do nothing about it; decision 0032 says why it is used all the same. All other warnings come out.
 */
function loadQuietly(): BuiltInModule | null {
  // oxlint-disable-next-line typescript/unbound-method -- it is put back as it was, and called with its `this`
  const { emitWarning } = process;
  process.emitWarning = (warning: string | Error, ...others: unknown[]): void => {
    if (!String(warning).startsWith('SQLite is an experimental feature'))
      Reflect.apply(emitWarning, process, [warning, ...others]);
  };
  try {
    return (process.getBuiltinModule('node:sqlite') as BuiltInModule | undefined) ?? null;
  } finally {
    process.emitWarning = emitWarning;
  }
}
