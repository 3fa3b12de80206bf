import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { Pool } from 'pg';
import { check, failed, type Finding, ok, warning } from './check.js';

/** Of a disk that fills by its days' invoices, a tenth is weeks at least: time to buy another. */
const FREE_WARNING = 0.1;
/** Below this PostgreSQL stops within the day, and it needs room to come back (a checkpoint, WAL that waits for its archive). */
const FREE_FAILED = 0.02;

const MEGABYTE = 1_000_000;

/** Whether there is room where something is written. */
export const diskCheck = check({
  name: 'disk',
  needs: [],
  look: async ({ settings, database, databaseDirectory }) => [
    await databaseDisk(database, databaseDirectory),
    ...(settings === undefined ? [] : [await disk('keys', settings.keys.directory, warning)]),
    await disk('temporary files', tmpdir(), warning),
  ],
});

async function databaseDisk(database: Pool | undefined, directory: string | null): Promise<Finding> {
  if (directory !== null) return disk('the database', directory, failed);
  const size = database === undefined ? '' : ` The database holds ${await databaseMegabytes(database)} MB.`;
  return {
    status: 'skipped',
    seen:
      `PostgreSQL tells no log-in of a server how full its disk is: look there, ` +
      `or name its folder with --database-directory where it is on this machine.${size}`,
  };
}

async function databaseMegabytes(database: Pool): Promise<number> {
  const { rows } = await database.query<{ bytes: string }>('SELECT pg_database_size(current_database()) AS bytes');
  return Math.ceil(Number(rows[0]?.bytes ?? 0) / MEGABYTE);
}

/** @param verdict of a disk that is all but full */
async function disk(what: string, directory: string, verdict: typeof failed | typeof warning): Promise<Finding> {
  let space;
  try {
    space = await statfs(directory);
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    return { status: 'skipped', seen: `The disk of ${what} could not be asked: ${directory} (${code}).` };
  }
  const { bavail, bfree, blocks, bsize, files, ffree } = space;
  // As df counts: what is kept back for root is neither taken nor free.
  const usable = blocks - bfree + bavail;
  const freeSpace = usable === 0 ? 1 : bavail / usable;
  // Some file systems do not count files.
  const freeFiles = files === 0 ? 1 : ffree / files;
  const free = Math.min(freeSpace, freeFiles);
  const seen =
    `The disk of ${what} (${directory}) is ${Math.floor((1 - freeSpace) * 100)} % full, ${Math.floor((bavail * bsize) / MEGABYTE)} MB are free` +
    (freeFiles < freeSpace ? `, and ${Math.floor((1 - freeFiles) * 100)} % of its files (inodes) are taken.` : '.');
  if (free > FREE_WARNING) return ok(seen);
  const advice = `Make room, or make it larger: df -h ${directory}; df -i ${directory}`;
  return free > FREE_FAILED ? warning(seen, advice) : verdict(seen, advice);
}
