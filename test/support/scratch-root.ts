import { existsSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** Linux's file system in memory. */
const IN_MEMORY = '/dev/shm';
const GIB = 2 ** 30;
/** A cluster's log and the databases of the specs that run at once take a quarter of it. */
const ROOM_BYTES_MIN = 2 * GIB;
/** What it takes must not be what the specs themselves need. */
const MEMORY_BYTES_MIN = 6 * GIB;

/** Where clusters may be; one that is no more is looked for in all of them. */
export const SCRATCH_ROOTS: readonly string[] = [IN_MEMORY, tmpdir()];

/**
 * Where a cluster that is forgotten afterwards is quickest: making or dropping a database syncs some six hundred files, which on a
 * disk that others use as well takes seconds. Postgres believes that it has a disk; killing it loses no more than on one. The
 * folder for temporary files where there is no memory to spare, as in a container with 64 MB of it.
 */
export function scratchRoot(): string {
  if (!existsSync(IN_MEMORY) || process.availableMemory() < MEMORY_BYTES_MIN) return tmpdir();
  const { bavail, bsize } = statfsSync(IN_MEMORY);
  return bavail * bsize >= ROOM_BYTES_MIN ? IN_MEMORY : tmpdir();
}
