import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecoveryEntry } from './entries.js';

/** Where what a restored database must be told again is written down, outside the database. */
export abstract class RecoveryLog {
  /**
   * Writes entries and returns when they are on the disk. Called inside the transaction that does the thing, right before its end, so that
   * nothing is done that is not written down; of what was then not committed, an entry too many does no harm.
   *
   * @throws RecoveryLogUnavailable: then the transaction must not be committed
   */
  abstract append(...entries: readonly RecoveryEntry[]): Promise<void>;
}

/** It can't be written or read, so what would have to be written down is not done. The message is for the operator. */
export class RecoveryLogUnavailable extends Error {
  override readonly name = 'RecoveryLogUnavailable';

  constructor(directory: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      `The recovery log in ${directory} can't be used (${reason}). See that RECOVERY_LOG_DIRECTORY is there, writable and has room; ` +
        'until then nobody is enrolled, suspended or revoked.',
      { cause },
    );
  }
}

/** Where no folder is set. */
export const NO_RECOVERY_LOG: RecoveryLog = { append: () => Promise.resolve() };

/** Begins with the time at which the process opened the log, and ends at random, because several processes write into one folder. */
function makeFileName(openedMs: number): string {
  return `${new Date(openedMs).toISOString().replaceAll(/[:.]/g, '-')}-${randomBytes(4).toString('hex')}.jsonl`;
}

const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;

/** A file of its own for each process, which it only appends to; made with the first entry. */
export class DirectoryRecoveryLog implements RecoveryLog {
  readonly #file: string;
  #isMade = false;
  #last: Promise<void> = Promise.resolve();

  constructor(
    private readonly directory: string,
    openedMs: number,
  ) {
    this.#file = join(directory, makeFileName(openedMs));
  }

  append(...entries: readonly RecoveryEntry[]): Promise<void> {
    if (entries.length === 0) return Promise.resolve();
    // One after the other, and one that failed does not fail the next.
    const written = this.#last.then(() => this.#write(entries));
    this.#last = written.catch(() => undefined);
    return written;
  }

  async #write(entries: readonly RecoveryEntry[]): Promise<void> {
    try {
      if (!this.#isMade) await makeFolder(this.directory);
      const handle = await open(this.#file, 'a', FILE_MODE);
      try {
        // A line that was cut off before, by a full disk, must not swallow this one.
        await handle.appendFile(`\n${entries.map((entry) => JSON.stringify(entry)).join('\n')}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
      if (!this.#isMade) await syncDirectory(this.directory);
      this.#isMade = true;
    } catch (error) {
      throw new RecoveryLogUnavailable(this.directory, error);
    }
  }
}

/**
 * Sees to it that the folder is there and can be used, before anything depends on it.
 *
 * @throws RecoveryLogUnavailable
 */
export async function prepareRecoveryLog(directory: string): Promise<void> {
  try {
    await makeFolder(directory);
    await access(directory, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw new RecoveryLogUnavailable(directory, error);
  }
}

/**
 * The last folder of the path alone: where those above are missing, the disk that it is meant to lie on is not mounted, and the log
 * would go to another. (Node's `recursive` would also never end below /proc.)
 */
async function makeFolder(directory: string): Promise<void> {
  try {
    await mkdir(directory, { mode: DIRECTORY_MODE });
  } catch (error) {
    const found = await stat(directory).catch(() => null);
    if (found?.isDirectory() !== true) throw error;
  }
}

/**
 * The log for a folder, or the one that writes nothing.
 * @param nowMs milliseconds since 1970, for the name of the file
 */
export function openRecoveryLog(directory: string | null, nowMs: number): RecoveryLog {
  return directory === null ? NO_RECOVERY_LOG : new DirectoryRecoveryLog(directory, nowMs);
}

/** A new file is there after a power cut only if its folder was synced too. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
