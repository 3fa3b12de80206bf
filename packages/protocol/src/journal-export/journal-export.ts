import { createHash } from 'node:crypto';

/**
 * Version of the export of a till's journal (JSON Lines); members and kinds of lines are only ever added within one. Since 2 the last line is of
 * kind `end`, so that a cut file is told from a whole one.
 */
export const JOURNAL_EXPORT_VERSION = 2;

/** The last line of an export: what stands before it. */
export interface JournalExportEnd {
  readonly kind: 'end';
  /** Lines before this one. */
  readonly lines: number;
  /** Those of kind `invoice`. */
  readonly invoices: number;
  /** Those of kind `unreadable`: what a damaged journal did not give. */
  readonly unreadable: number;
  /** SHA-256 of all bytes before this line, each line with its line feed; base64url. */
  readonly sha256: string;
}

/** Counts and digests the lines of an export, one after the other, as they are written or read. */
export class JournalExportTally {
  readonly #digest = createHash('sha256');
  #lines = 0;
  #invoices = 0;
  #unreadable = 0;

  /**
   * @param line without its line feed
   * @param kind the line's member `kind`
   */
  add(line: string | Uint8Array, kind: unknown): void {
    this.#digest.update(line).update('\n');
    this.#lines += 1;
    if (kind === 'invoice') this.#invoices += 1;
    if (kind === 'unreadable') this.#unreadable += 1;
  }

  /** The line that belongs behind those that were added. */
  end(): JournalExportEnd {
    const sha256 = this.#digest.copy().digest('base64url');
    return { kind: 'end', lines: this.#lines, invoices: this.#invoices, unreadable: this.#unreadable, sha256 };
  }

  /** Whether a line of kind `end` is the one that belongs behind those that were added. */
  isEndedBy(end: Readonly<Record<string, unknown>>): boolean {
    return Object.entries(this.end()).every(([name, value]) => end[name] === value);
  }
}
