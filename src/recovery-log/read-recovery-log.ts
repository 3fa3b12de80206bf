import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseEntry, type RecoveryEntry } from './entries.js';
import { RecoveryLogUnavailable } from './recovery-log.js';

const FILE_ENDING = '.jsonl';

/** What lies in the folder. */
export interface RecoveryLogReading {
  readonly files: number;
  /** By time. */
  readonly entries: readonly RecoveryEntry[];
  /** Highest number that is known to have been given; null when none is. */
  readonly highestNumber: number | null;
  /** `FILE:LINE` of lines that are no entries: cut off by a crash before they were confirmed, or damaged since. */
  readonly unreadable: readonly string[];
}

/**
 * Reads all files of the folder; one that is not there yet holds nothing.
 *
 * @throws RecoveryLogUnavailable when folder or files cannot be read
 */
export async function readRecoveryLog(directory: string): Promise<RecoveryLogReading> {
  const entries: RecoveryEntry[] = [];
  const unreadable: string[] = [];
  let highestNumber: number | null = null;
  try {
    const names = (await namesIn(directory)).filter((name) => name.endsWith(FILE_ENDING)).sort();
    for (const name of names) {
      let lineNumber = 0;
      for await (const line of createInterface({ input: createReadStream(join(directory, name)) })) {
        lineNumber += 1;
        if (line.trim() === '') continue;
        const entry = parseEntry(line);
        if (entry === null) unreadable.push(`${name}:${lineNumber}`);
        else if (entry.kind === 'numbers_given') highestNumber = Math.max(highestNumber ?? 0, entry.number);
        else entries.push(entry);
      }
    }
    entries.sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
    return { files: names.length, entries, highestNumber, unreadable };
  } catch (error) {
    throw new RecoveryLogUnavailable(directory, error);
  }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
