import type { MarkStatus } from '../api.js';
import { type ChainsOnFile, findLosses, type FoundLoss } from './find-losses.js';
import { type Mark, MarkFile, markFileOf, type MarkReading } from './mark-file.js';

/**
 * The mark of an open journal: which invoices it had written when it was closed, killed or cut off. It is a second guard. Where the disk does
 * not take it the sale goes on, because the invoice is in the journal; the status says so, and the next sale tries again.
 */
export class JournalMark {
  readonly #file: MarkFile;
  readonly #reading: MarkReading;
  #status: MarkStatus = { state: 'kept', detail: null };

  /** @param isExpected whether the journal had a mark before */
  constructor(journalFile: string, isExpected: boolean) {
    this.#file = new MarkFile(markFileOf(journalFile));
    this.#reading = this.#file.read();
    const why = whyNotRead(this.#reading);
    if (why !== null && isExpected) this.#status = { state: 'made_anew', detail: why };
  }

  get status(): MarkStatus {
    return this.#status;
  }

  /** What the mark names and the file does not have. A mark that cannot be read names nothing. */
  losses(chains: ChainsOnFile): FoundLoss[] {
    return this.#reading.state === 'sound' ? findLosses(this.#reading.mark, chains) : [];
  }

  /** On disk when it returns, or the status says why not. */
  keep(mark: Mark): void {
    try {
      this.#file.write(mark);
      if (this.#status.state === 'not_written') this.#status = { state: 'kept', detail: null };
    } catch (error) {
      this.#status = { state: 'not_written', detail: error instanceof Error ? error.message : String(error) };
    }
  }

  close(): void {
    this.#file.close();
  }
}

/** Why a mark says nothing; null: it can be read. */
export function whyNotRead(reading: MarkReading): string | null {
  if (reading.state === 'sound') return null;
  return reading.state === 'missing'
    ? 'journal.mark was missing. The next loss is noticed; one before this start was not.'
    : `journal.mark could not be read (${reading.detail}). The next loss is noticed; one before this start was not.`;
}
