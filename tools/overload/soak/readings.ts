import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { memoryOf } from '../context.js';
import type { Stage } from '../stage.js';
import { asSuperuser, SERVER_SESSIONS } from './database-faults.js';

/** What the server holds at rest: a moment after a fault is over, when sales have their codes again. */
export interface Reading {
  /** The first round is 0. */
  readonly round: number;
  /** The fault before. */
  readonly after: string;
  /** Null where the system does not tell. */
  readonly residentBytes: number | null;
  readonly openFiles: number | null;
  readonly threads: number | null;
  /** Timers, sockets, requests under way: what keeps Node.js from ending. */
  readonly activeResources: number;
  readonly sessions: number;
  /** Sessions in a transaction that began more than ten seconds ago. */
  readonly oldTransactions: number;
}

/** What lies on the disk at the end of a round. */
export interface DiskReading {
  readonly round: number;
  /** Faults until then. */
  readonly faults: number;
  readonly invoices: number;
  readonly databaseBytes: number;
  /** What the server writes beside the database, its log not counted. */
  readonly fileBytes: number;
  readonly logBytes: number;
}

const SESSIONS = `
SELECT count(*)::int AS sessions, count(*) FILTER (WHERE xact_start < clock_timestamp() - interval '10 seconds')::int AS old
FROM pg_stat_activity WHERE ${SERVER_SESSIONS}`;

export async function readServer(stage: Stage, pid: number, round: number, after: string): Promise<Reading> {
  const { local } = stage;
  const [sessions] = await asSuperuser(
    local.databaseUrls.superuser,
    async (superuser) => (await superuser.query<{ sessions: number; old: number }>(SESSIONS)).rows,
  );
  const metrics = await (await fetch(`${local.addresses.operator}/metrics`)).text();
  return {
    round,
    after,
    residentBytes: await memoryOf(pid, 'VmRSS'),
    openFiles: await entriesIn(`/proc/${pid}/fd`),
    threads: await entriesIn(`/proc/${pid}/task`),
    activeResources: Number(/^nodejs_active_resources_total (\d+)$/m.exec(metrics)?.[1]),
    sessions: sessions?.sessions ?? NaN,
    oldTransactions: sessions?.old ?? NaN,
  };
}

export async function readDisk(stage: Stage, round: number, faults: number): Promise<DiskReading> {
  const { paths, databaseUrls } = stage.local;
  const [database] = await asSuperuser(
    databaseUrls.superuser,
    async (superuser) =>
      (
        await superuser.query<{ invoices: number; bytes: number }>(
          'SELECT (SELECT count(*)::float8 FROM ledger) AS invoices, pg_database_size(current_database())::float8 AS bytes',
        )
      ).rows,
  );
  const logBytes = await bytesIn(paths.serverLog);
  return {
    round,
    faults,
    invoices: database?.invoices ?? NaN,
    databaseBytes: database?.bytes ?? NaN,
    fileBytes: (await bytesIn(paths.directory, paths.postgres)) - logBytes,
    logBytes,
  };
}

/** Null where the system does not tell. */
async function entriesIn(folder: string): Promise<number | null> {
  return readdir(folder).then(
    (names) => names.length,
    () => null,
  );
}

/** Bytes of a file, or of all files in a folder but for those of one below it. */
async function bytesIn(path: string, without?: string): Promise<number> {
  const found = await stat(path).catch(() => null);
  if (found === null || path === without) return 0;
  if (!found.isDirectory()) return found.size;
  let sum = 0;
  for (const name of await readdir(path)) sum += await bytesIn(join(path, name), without);
  return sum;
}
