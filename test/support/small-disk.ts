import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of its own, small enough to be filled. */
export interface SmallDisk {
  readonly directory: string;
  /** Leaves nothing free. */
  fill(): void;
  /** Gives back what `fill` took. */
  makeRoom(): void;
  remove(): void;
}

/** Why there is none. */
export interface NoSmallDisk {
  readonly reason: string;
}

const MEGABYTE = 1_048_576;
const BYTES = 8 * MEGABYTE;

/** Mounts a disk in memory: Linux, and root with the right to mount, are needed. */
export function mountSmallDisk(): SmallDisk | NoSmallDisk {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return { reason: 'skipped, because only root on Linux can mount a small disk and fill it' };
  const directory = mkdtempSync(join(tmpdir(), 'small-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${BYTES},mode=0755`, 'tmpfs', directory], { stdio: 'pipe' });
  } catch {
    rmSync(directory, { recursive: true, force: true });
    return { reason: 'skipped, because this container may not mount a file system' };
  }
  const unmount = (): void => {
    execFileSync('umount', ['--lazy', directory]);
    rmSync(directory, { recursive: true, force: true });
  };
  process.once('exit', unmount);
  const filler = join(directory, 'filler');
  return {
    directory,
    fill: () => {
      const { bavail, bsize } = statfsSync(directory);
      writeFileSync(filler, Buffer.alloc(bavail * bsize));
    },
    makeRoom: () => rmSync(filler, { force: true }),
    remove: () => {
      process.off('exit', unmount);
      unmount();
    },
  };
}
