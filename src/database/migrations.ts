import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A statement of a migration failed, and the migration was rolled back; those before it stay. `cause` is the driver's error. */
export class MigrationFailed extends Error {
  override readonly name = 'MigrationFailed';

  constructor(
    readonly migration: string,
    cause: unknown,
  ) {
    super(`${migration} was rolled back: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** One step of the schema, as it stands in `migrations/`. */
export interface Migration {
  /** Name of the file without its ending, like `1795363200000-registry`. */
  readonly name: string;
  /** Milliseconds since 1970: the order in which they are applied. */
  readonly timestampMs: number;
  readonly up: string;
  /** Absent where there is no way back. */
  readonly down?: string;
}

const FILE_NAME = /^(\d{13})-([a-z0-9]+(?:-[a-z0-9]+)*)\.sql$/;
const UP = '-- migrate:up';
const DOWN = '-- migrate:down';
const IRREVERSIBLE = /^-- irreversible: *\S/;

/** `migrations/` in the project's root, seen from `src/` and from `dist/src/` alike. */
export function migrationsDirectory(): string {
  const above = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
  return join(basename(above) === 'dist' ? dirname(above) : above, 'migrations');
}

/**
 * Reads `<13-digit time in ms>-<name>.sql` files, oldest first. Each has comments at most, then a part after
 * `-- migrate:up`, then one after `-- migrate:down` or, in its place, a line `-- irreversible: reason`.
 *
 * @throws naming the file and what to write in it, when one has another form
 */
export function readMigrations(directory: string = migrationsDirectory()): readonly Migration[] {
  const migrations = readdirSync(directory)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => parseMigration(file, readFileSync(join(directory, file), 'utf8')));
  for (const [index, migration] of migrations.entries()) {
    if (migration.timestampMs === migrations[index + 1]?.timestampMs) {
      throw new Error(
        `Two migrations have the time ${migration.timestampMs}: which is first? Give one of them another.`,
      );
    }
  }
  return migrations;
}

function parseMigration(file: string, text: string): Migration {
  const [, timestamp] = FILE_NAME.exec(file) ?? [];
  if (timestamp === undefined) {
    throw new Error(`migrations/${file}: name it <13 digits: time in ms>-<words-with-hyphens>.sql`);
  }
  const lines = text.split(/\r?\n/);
  const up = lines.indexOf(UP);
  const end = lines.findIndex((line) => line === DOWN || IRREVERSIBLE.test(line));
  if (up === -1 || end < up || !lines.slice(0, up).every((line) => /^\s*(--|$)/.test(line))) {
    throw new Error(
      `migrations/${file}: write "${UP}" above the first statement, and after the last one "${DOWN}" and the way back, ` +
        'or "-- irreversible: <reason>".',
    );
  }
  const migration = {
    name: file.slice(0, -'.sql'.length),
    timestampMs: Number(timestamp),
    up: lines.slice(up + 1, end).join('\n'),
  };
  return lines[end] === DOWN ? { ...migration, down: lines.slice(end + 1).join('\n') } : migration;
}

/** TypeORM takes the time from the end of a name: `registry1795363200000` for `1795363200000-registry`. */
export function typeormName(migration: Migration): string {
  return `${migration.name.slice(`${migration.timestampMs}-`.length)}${migration.timestampMs}`;
}

/** The migrations as TypeORM wants them: classes, in an explicit array. */
export function migrationClasses(migrations: readonly Migration[]): (new () => MigrationInterface)[] {
  return migrations.map(
    (migration) =>
      class implements MigrationInterface {
        readonly name = typeormName(migration);

        async up(runner: QueryRunner): Promise<void> {
          try {
            await runner.query(migration.up);
          } catch (error) {
            throw new MigrationFailed(migration.name, error);
          }
        }

        async down(runner: QueryRunner): Promise<void> {
          if (migration.down === undefined) {
            throw new Error(`${migration.name} is irreversible; its file says why. Restore a backup instead.`);
          }
          await runner.query(migration.down);
        }
      },
  );
}
