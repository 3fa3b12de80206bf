/** SQLite's primary result codes, each at the place of its number (sqlite.org/rescode.html). */
const RESULT_NAMES = [
  'OK ERROR INTERNAL PERM ABORT BUSY LOCKED NOMEM READONLY INTERRUPT IOERR',
  'CORRUPT NOTFOUND FULL CANTOPEN PROTOCOL EMPTY SCHEMA TOOBIG CONSTRAINT MISMATCH',
  'MISUSE NOLFS AUTH FORMAT RANGE NOTADB',
].flatMap((names) => names.split(' '));

/** The lower byte of a result code is the primary one; the upper ones say more, on one driver by name, on the other by number. */
const PRIMARY_BITS = 0xff;

/** An error of SQLite, the same from both drivers. */
export class SqliteError extends Error {
  override readonly name = 'SqliteError';

  /** @param result the primary result code by its name, as `SQLITE_FULL` */
  constructor(
    readonly result: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Name of a result code that is told by its number: 1034 (SQLITE_IOERR_FSYNC) is `SQLITE_IOERR`. */
export function resultOfNumber(code: number): string {
  return `SQLITE_${RESULT_NAMES[code & PRIMARY_BITS] ?? 'ERROR'}`;
}

/** Primary result of a code that is told by its name: `SQLITE_IOERR_FSYNC` is `SQLITE_IOERR`. */
export function resultOfName(code: string): string {
  return code.split('_', 2).join('_');
}
