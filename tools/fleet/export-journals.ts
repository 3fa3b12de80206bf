import { exportJournal } from '@tax-control/billing-interface';
import { createWriteStream } from 'node:fs';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/**
 * Writes each till's journal as JSON Lines, as `tax-terminal export` does. The tills must be closed: one process at a time
 * may hold a journal.
 * @returns the files, in the order of the directories
 */
export async function exportJournals(directories: readonly string[], folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const directory of directories) {
    const file = join(folder, `${basename(directory)}.jsonl`);
    const lines = Readable.from(exportJournal(directory)).map((line: string) => `${line}\n`);
    await pipeline(lines, createWriteStream(file));
    files.push(file);
  }
  return files;
}
