import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrationClasses, readMigrations } from './migrations.js';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tax-control-migrations-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function write(file: string, text: string): void {
  writeFileSync(join(directory, file), text);
}

describe('readMigrations', () => {
  it('reads both parts of each file, oldest first', () => {
    write('1795000000002-second.sql', '-- What it is.\n\n-- migrate:up\nSELECT 2;\n-- irreversible: rows are gone\n');
    write('1795000000001-the-first.sql', '-- migrate:up\nSELECT 1;\n\n-- migrate:down\nSELECT -1;\n');
    write('README.md', 'not a migration');
    expect(readMigrations(directory)).toEqual([
      { name: '1795000000001-the-first', timestampMs: 1795000000001, up: 'SELECT 1;\n', down: 'SELECT -1;\n' },
      { name: '1795000000002-second', timestampMs: 1795000000002, up: 'SELECT 2;' },
    ]);
  });

  it.each([
    ['a name without time', 'first.sql', '-- migrate:up\n-- migrate:down\n', /name it <13 digits/],
    ['no up part', '1795000000001-a.sql', 'SELECT 1;\n-- migrate:down\n', /write "-- migrate:up"/],
    ['no way back and no reason', '1795000000001-a.sql', '-- migrate:up\nSELECT 1;\n', /-- irreversible: <reason>/],
    ['an empty reason', '1795000000001-a.sql', '-- migrate:up\n-- irreversible: \n', /-- irreversible: <reason>/],
    ['a statement above', '1795000000001-a.sql', 'SELECT 1;\n-- migrate:up\n-- migrate:down\n', /above the first/],
    ['parts in the wrong order', '1795000000001-a.sql', '-- migrate:down\n-- migrate:up\n', /write "-- migrate:up"/],
  ])('refuses %s', (_, file, text, message) => {
    write(file, text);
    expect(() => readMigrations(directory)).toThrow(message);
  });

  it('refuses two migrations of one time', () => {
    write('1795000000001-a.sql', '-- migrate:up\n-- migrate:down\n');
    write('1795000000001-b.sql', '-- migrate:up\n-- migrate:down\n');
    expect(() => readMigrations(directory)).toThrow(/Two migrations have the time 1795000000001/);
  });

  it('finds the migrations of the project', () => {
    expect(readMigrations().length).toBeGreaterThan(0);
  });
});

describe('migrationClasses', () => {
  it('gives TypeORM a name that ends in the time', () => {
    write('1795000000001-the-first.sql', '-- migrate:up\n-- migrate:down\n');
    const [First] = migrationClasses(readMigrations(directory));
    expect(new First!().name).toBe('the-first1795000000001');
  });
});
