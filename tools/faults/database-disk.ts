import { execFileSync } from 'node:child_process';
import { renameSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { makePassable } from '../local/postgres/cluster-directory.js';
import { postgresUser } from '../local/postgres/system-user.js';

/** A file system of the database alone, which can be filled. */
export interface DatabaseDisk {
  /** Leaves nothing free. @returns bytes that were free */
  fill(): number;
  makeRoom(): void;
  /** What is on it stays when it is removed: somebody will want to look at it. */
  keep(): void;
  remove(): void;
}

/** Room for the invoices of some hours, the WAL that is kept, and what PostgreSQL begins with. */
const SIZE = '1g';

/**
 * Mounts a disk in memory where the database will be.
 * @returns why there is none: only root on Linux may mount
 */
export function mountDatabaseDisk(directory: string): DatabaseDisk | string {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'only root on Linux can mount a disk for the database and fill it';
  makePassable(directory, postgresUser());
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE},mode=0711`, 'tmpfs', directory], { stdio: 'pipe' });
  } catch {
    return 'this container may not mount a file system';
  }
  const filler = join(directory, 'filler');
  let keeps = false;
  return {
    fill: () => {
      const { bavail, bsize } = statfsSync(directory);
      const bytes = bavail * bsize;
      execFileSync('fallocate', ['-l', String(bytes), filler]);
      return bytes;
    },
    makeRoom: () => rmSync(filler, { force: true }),
    keep: () => void (keeps = true),
    remove: () => {
      const kept = `${directory}-kept`;
      if (keeps) execFileSync('cp', ['-pPR', directory, kept]);
      execFileSync('umount', ['--lazy', directory]);
      if (!keeps) return;
      rmSync(directory, { recursive: true });
      renameSync(kept, directory);
    },
  };
}
