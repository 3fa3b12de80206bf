import { DataSource, MigrationExecutor, type QueryRunner } from 'typeorm';
import type { Fault } from './fault.js';
import { judgeMigrator, MIGRATOR_STATE, type MigratorState } from './judge-migrator.js';
import {
  judgeEncoding,
  judgeVersion,
  judgeWritable,
  SERVER_STATE,
  serverStateOf,
  type ServerState,
} from './judge-server.js';
import { migrationClasses, readMigrations, typeormName, type Migration } from './migrations.js';

/** What TypeORM keeps its record in. The first migration lets every role read it, for the check at the server's start. */
export const APPLIED_MIGRATIONS_TABLE = 'applied_migration';

/** How a database stands to the migrations that this version knows. Names are those of the files, without ending. */
export interface MigrationStatus {
  readonly applied: readonly string[];
  readonly pending: readonly string[];
  /** Applied by a later version of this program; TypeORM's form of the name. */
  readonly unknown: readonly string[];
}

/** Why nothing was touched. */
export type NotMigrated =
  /** The database is that of a later version. */
  | { readonly result: 'ahead'; readonly unknown: readonly string[] }
  /** Another migration has been running for longer than we were ready to wait. */
  | { readonly result: 'busy' }
  /** The database is not fit (older than what was tried, takes no writing), or the log-in lacks rights. */
  | { readonly result: 'unfit'; readonly faults: readonly Fault[] };

export type MigrateResult = { readonly result: 'migrated'; readonly applied: readonly string[] } | NotMigrated;

/** `null`: there was nothing to take back. */
export type RevertResult = { readonly result: 'reverted'; readonly reverted: string | null } | NotMigrated;

export interface MigrateOptions {
  /** Of the migrator, who owns the tables; straight to Postgres, not through a pooler that shares sessions. */
  readonly url: string;
  readonly migrations?: readonly Migration[];
  /** How long to wait for another one that is migrating. */
  readonly waitMs?: number;
}

/** Any number does, but it must stay: earlier and later versions of this program shut each other out by it. */
const LOCK_KEY = 4_071_795_363;
/** A deployment starts all its instances at once; the last of them waits for one migration, not for ever. */
const WAIT_MS = 60_000;
/** One for the migrations, one because TypeORM asks for a second session at times. */
const POOL_SIZE = 2;
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Applies what is pending, oldest first, each in a transaction of its own together with its record, under an advisory
 * lock: of two at once the second finds nothing left to do.
 *
 * @returns what was applied (nothing: the database was up to date), or why nothing was touched
 * @throws when a statement fails, naming the migration (it was rolled back, those before it stay) or the database is out of reach
 */
export function migrate(options: MigrateOptions): Promise<MigrateResult> {
  return underLock(options, async (executor, status) => {
    const names = new Map(known(options).map((migration) => [typeormName(migration), migration.name]));
    if (status.pending.length === 0) return { result: 'migrated', applied: [] };
    const applied = await executor.executePendingMigrations();
    return { result: 'migrated', applied: applied.map(({ name }) => names.get(name) ?? name) };
  });
}

/** Takes the last migration back. For tests and for development: where there are invoices, restore a backup instead. */
export function revertLastMigration(options: MigrateOptions): Promise<RevertResult> {
  return underLock(options, async (executor, status) => {
    const reverted = status.applied.at(-1);
    if (reverted === undefined) return { result: 'reverted', reverted: null };
    await executor.undoLastMigration();
    return { result: 'reverted', reverted };
  });
}

/** Reads how far a database is, changing nothing. */
export async function migrationStatus(options: MigrateOptions): Promise<MigrationStatus> {
  const dataSource = await connect(options);
  try {
    return await readMigrationStatus((sql) => dataSource.query(sql), known(options));
  } finally {
    await dataSource.destroy();
  }
}

/**
 * The same over a connection that is there already, in any role.
 *
 * @param query runs one statement and gives its rows
 */
export async function readMigrationStatus(
  query: (sql: string) => Promise<readonly { readonly name: string }[]>,
  migrations: readonly Migration[] = readMigrations(),
): Promise<MigrationStatus> {
  const table = await query(
    `SELECT relname AS name FROM pg_class WHERE oid = to_regclass('${APPLIED_MIGRATIONS_TABLE}')`,
  );
  const rows = table.length === 0 ? [] : await query(`SELECT name FROM ${APPLIED_MIGRATIONS_TABLE} ORDER BY id`);
  const byTypeormName = new Map(migrations.map((migration) => [typeormName(migration), migration.name]));
  const recorded = new Set(rows.map(({ name }) => name));
  return {
    applied: rows.flatMap(({ name }) => byTypeormName.get(name) ?? []),
    pending: migrations.filter((one) => !recorded.has(typeormName(one))).map(({ name }) => name),
    unknown: rows.map(({ name }) => name).filter((name) => !byTypeormName.has(name)),
  };
}

function known(options: MigrateOptions): readonly Migration[] {
  return options.migrations ?? readMigrations();
}

function connect(options: MigrateOptions): Promise<DataSource> {
  return new DataSource({
    type: 'postgres',
    url: options.url,
    migrations: migrationClasses(known(options)),
    migrationsTableName: APPLIED_MIGRATIONS_TABLE,
    installExtensions: false,
    // Silent unless DEBUG=typeorm:* asks: standard output belongs to the command.
    logger: 'debug',
    poolSize: POOL_SIZE,
    applicationName: 'tax-control migrate',
  }).initialize();
}

async function underLock<Result>(
  options: MigrateOptions,
  work: (executor: MigrationExecutor, status: MigrationStatus) => Promise<Result>,
): Promise<Result | NotMigrated> {
  const dataSource = await connect(options);
  try {
    const runner = dataSource.createQueryRunner();
    // The lock belongs to the session that migrates: if that breaks, both go, and neither without the other.
    if (!(await takeLock(runner, options.waitMs ?? WAIT_MS))) return { result: 'busy' };
    const state = serverStateOf((await runner.query(SERVER_STATE)) as ServerState[]);
    const migrator = (await runner.query(MIGRATOR_STATE)) as MigratorState[];
    const faults = [
      judgeVersion(state),
      judgeEncoding(state),
      judgeWritable(state),
      migrator.flatMap(judgeMigrator),
    ].flat();
    if (faults.length > 0) return { result: 'unfit', faults };
    const status = await readMigrationStatus((sql) => runner.query(sql), known(options));
    if (status.unknown.length > 0) return { result: 'ahead', unknown: status.unknown };
    const executor = new MigrationExecutor(dataSource, runner);
    executor.transaction = 'each';
    return await work(executor, status);
  } finally {
    // Ends the session, and with it the lock.
    await dataSource.destroy();
  }
}

async function takeLock(runner: QueryRunner, waitMs: number): Promise<boolean> {
  await runner.query(`SET lock_timeout = ${Math.max(1, Math.round(waitMs))}`);
  try {
    await runner.query(`SELECT pg_advisory_lock(${LOCK_KEY})`);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === LOCK_NOT_AVAILABLE) return false;
    throw error;
  }
  await runner.query('RESET lock_timeout');
  return true;
}
