import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DRIVERS, openRaw } from '../../testing/journal-fixture.js';
import { temporaryFolder } from '../../testing/till-folder.js';
import type { Database, NamedValues } from './database.js';
import { Database as OpenDatabase } from './database.js';
import type { Driver } from './driver.js';
import { resultOfName, resultOfNumber, SqliteError } from './sqlite-error.js';

/** Result of SQLite that a call fails with, and what it says. */
function failureOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof SqliteError) return `${error.result}: ${error.message}`;
    throw error;
  }
  return 'none';
}

describe.each(DRIVERS)('a database by $name', (driver) => {
  let folder: ReturnType<typeof temporaryFolder>;
  let file: string;
  let database: Database;
  beforeEach(() => {
    folder = temporaryFolder();
    file = join(folder.directory, 'spec.sqlite');
    database = openRaw(file, driver);
    database.exec('CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT UNIQUE) STRICT');
  });
  afterEach(() => {
    database.close();
    folder.remove();
  });
  const insert = (name: string | null): void =>
    database.prepare<[string | null]>('INSERT INTO things (name) VALUES (?)').run(name);
  const names = (): unknown[] =>
    database
      .prepare<[], { name: string }>('SELECT name FROM things ORDER BY id')
      .all()
      .map(({ name }) => name);

  it('returns plain objects of numbers, texts and nulls', () => {
    insert('a');
    insert(null);
    const rows = [
      { id: 1, name: 'a' },
      { id: 2, name: null },
    ];
    const query = database.prepare<[], object>('SELECT * FROM things ORDER BY id');
    expect(query.all()).toStrictEqual(rows);
    expect([...query.iterate()]).toStrictEqual(rows);
    expect(query.get()).toStrictEqual(rows[0]);
    expect(database.prepare<[], object>('SELECT * FROM things WHERE id = 9').get()).toBeUndefined();
  });

  it('takes values by name, and passes over names that the statement does not have', () => {
    const statement = database.prepare<[NamedValues]>('INSERT INTO things (id, name) VALUES (@id, @name)');
    statement.run({ id: 7, name: 'x', other: 1 });
    expect(database.value('SELECT name FROM things WHERE id = 7')).toBe('x');
    for (const values of [{ id: 8 }, { id: 8, name: true }, { id: 8, name: undefined }, { id: 8n, name: 'b' }])
      expect(() => statement.run(values as never)).toThrow(TypeError);
    expect(names()).toEqual(['x']);
  });

  it('reads integers up to 2^53 − 1 exactly and throws on larger ones', () => {
    expect(database.value(`SELECT ${Number.MAX_SAFE_INTEGER}`)).toBe(Number.MAX_SAFE_INTEGER);
    expect(database.value(`SELECT -${Number.MAX_SAFE_INTEGER}`)).toBe(-Number.MAX_SAFE_INTEGER);
    expect(() => database.value('SELECT 9007199254740993')).toThrow(RangeError);
    database.prepare<[number, string]>('INSERT INTO things VALUES (?, ?)').run(Number.MAX_SAFE_INTEGER, 'far');
    expect(database.value('SELECT id FROM things')).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('rolls a failed transaction back, and a nested one alone', () => {
    expect(() =>
      database.transaction(() => {
        insert('a');
        throw new Error('changed my mind');
      }),
    ).toThrow('changed my mind');
    expect(names()).toEqual([]);
    database.transaction(() => {
      insert('b');
      expect(() => database.transaction(() => (insert('c'), insert('b')))).toThrow(/UNIQUE/);
      insert('d');
    });
    expect(names()).toEqual(['b', 'd']);
  });

  it('writes nothing more in a transaction that SQLite may have rolled back', () => {
    database.exec(`PRAGMA max_page_count = 10`);
    const failure = failureOf(() =>
      database.transaction(() => {
        insert('first');
        expect(failureOf(() => database.transaction(() => insert('x'.repeat(100_000))))).toMatch(/^SQLITE_FULL/);
        insert('second');
      }),
    );
    expect(failure).toMatch(/^SQLITE_FULL/);
    expect(names()).toEqual([]);
    insert('third');
    expect(names()).toEqual(['third']);
  });

  it('tells by the same names and words what SQLite found wrong', () => {
    insert('a');
    expect(failureOf(() => insert('a'))).toBe('SQLITE_CONSTRAINT: UNIQUE constraint failed: things.name');
    expect(failureOf(() => database.exec('nonsense'))).toBe('SQLITE_ERROR: near "nonsense": syntax error');
    const second = openRaw(file, driver);
    database.transaction(() => {
      insert('b');
      expect(failureOf(() => second.transaction(() => undefined))).toBe('SQLITE_BUSY: database is locked');
    });
    second.close();
    const reader = new OpenDatabase(driver, file, { readOnly: true, lockWaitMs: 0 });
    expect(failureOf(() => reader.exec('DELETE FROM things'))).toBe(
      'SQLITE_READONLY: attempt to write a readonly database',
    );
    reader.close();
    database.exec('PRAGMA max_page_count = 1');
    expect(failureOf(() => insert('x'.repeat(100_000)))).toBe('SQLITE_FULL: database or disk is full');
    expect(failureOf(() => openRaw(folder.directory, driver))).toBe('SQLITE_CANTOPEN: unable to open database file');
    expect(failureOf(() => openRaw(damaged(file, 0), driver).value('SELECT 1 FROM things'))).toBe(
      'SQLITE_NOTADB: file is not a database',
    );
    database = openRaw(join(folder.directory, 'other.sqlite'), driver);
    database.exec('CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT) STRICT');
    insert('a');
    database.close();
    const broken = openRaw(damaged(join(folder.directory, 'other.sqlite'), 4096), driver);
    expect(failureOf(() => broken.value('SELECT * FROM things'))).toBe(
      'SQLITE_CORRUPT: database disk image is malformed',
    );
    broken.close();
  });

  /** Overwrites a hundred bytes; the length stays. */
  function damaged(path: string, at: number): string {
    database.close();
    const descriptor = openSync(path, 'r+');
    writeSync(descriptor, Buffer.alloc(100, 0xa5), 0, 100, at);
    closeSync(descriptor);
    return path;
  }
});

const [one, other] = DRIVERS as readonly (Driver | undefined)[];
const reason = other === undefined ? ` (skipped: this Node.js has ${one?.name ?? 'no driver'} alone)` : '';

describe.skipIf(other === undefined)(`one file${reason}`, () => {
  it('is read and written by both drivers in turn', () => {
    const folder = temporaryFolder();
    const file = join(folder.directory, 'spec.sqlite');
    const drivers = [one!, other!, one!, other!];
    for (const [index, driver] of drivers.entries()) {
      const database = openRaw(file, driver);
      database.exec('PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS things (id INTEGER, name TEXT) STRICT');
      expect(database.value('SELECT count(*) FROM things WHERE id = 9007199254740991')).toBe(index);
      database.prepare<[number, string]>('INSERT INTO things VALUES (?, ?)').run(Number.MAX_SAFE_INTEGER, 'é中');
      database.close();
    }
    folder.remove();
  });
});

describe('results of SQLite', () => {
  it.each([
    [5, 'SQLITE_BUSY', 'SQLITE_BUSY'],
    [517, 'SQLITE_BUSY_SNAPSHOT', 'SQLITE_BUSY'],
    [1034, 'SQLITE_IOERR_FSYNC', 'SQLITE_IOERR'],
    [13, 'SQLITE_FULL', 'SQLITE_FULL'],
    [11, 'SQLITE_CORRUPT', 'SQLITE_CORRUPT'],
    [8, 'SQLITE_READONLY', 'SQLITE_READONLY'],
    [1544, 'SQLITE_READONLY_DIRECTORY', 'SQLITE_READONLY'],
    [14, 'SQLITE_CANTOPEN', 'SQLITE_CANTOPEN'],
    [2067, 'SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT'],
    [26, 'SQLITE_NOTADB', 'SQLITE_NOTADB'],
  ])('%i and %s are %s', (number, name, result) => {
    expect([resultOfNumber(number), resultOfName(name)]).toEqual([result, result]);
  });
});
