import { execFileSync, spawnSync } from 'node:child_process';
import { renameSync, rmSync, statfsSync, statSync } from 'node:fs';
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
/** Half of what is left each time: after so many there is less than a page of it. */
const FILL_TRIES = 40;

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
      // PostgreSQL writes meanwhile: what is free is asked for again, until there is nothing.
      const size = (): number => statSync(filler, { throwIfNoEntry: false })?.size ?? 0;
      for (let tries = 1; tries <= FILL_TRIES; tries += 1) {
        const { bavail, bsize } = statfsSync(directory);
        const bytes = Math.floor((bavail * bsize) / (tries === 1 ? 1 : 2));
        if (bytes === 0) break;
        spawnSync('fallocate', ['-o', String(size()), '-l', String(bytes), filler]);
      }
      return size();
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
