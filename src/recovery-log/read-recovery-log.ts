import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Environment } from '@tax-control/protocol';
import { parseEntry, type RecoveryEntry } from './entries.js';
import { RecoveryLogUnavailable } from './recovery-log.js';

const FILE_ENDING = '.jsonl';
/** Numbers of the test environment begin with 9 (DESIGN §4); one folder may serve a server of each. */
const TEST_NUMBER_MIN = 900_000_000_000;

export type HighestNumbers = Readonly<Record<Environment, number | null>>;

/** What lies in the folder. */
export interface RecoveryLogReading {
  readonly files: number;
  /** By time. */
  readonly entries: readonly RecoveryEntry[];
  /** Highest number that is known to have been given of each environment's; those of test are above all of production. */
  readonly highestNumbers: HighestNumbers;
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
  const highestNumbers: Record<Environment, number | null> = { production: null, test: null };
  try {
    const names = (await namesIn(directory)).filter((name) => name.endsWith(FILE_ENDING)).sort();
    for (const name of names) {
      let lineNumber = 0;
      for await (const line of createInterface({ input: createReadStream(join(directory, name)) })) {
        lineNumber += 1;
        if (line.trim() === '') continue;
        const entry = parseEntry(line);
        if (entry === null) unreadable.push(`${name}:${lineNumber}`);
        else if (entry.kind === 'numbers_given') {
          const environment = entry.number < TEST_NUMBER_MIN ? 'production' : 'test';
          highestNumbers[environment] = Math.max(highestNumbers[environment] ?? 0, entry.number);
        } else entries.push(entry);
      }
    }
    entries.sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
    return { files: names.length, entries, highestNumbers, unreadable };
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
