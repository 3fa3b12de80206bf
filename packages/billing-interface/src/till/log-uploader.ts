import { type LogEntry, LIMITS } from '@tax-control/protocol';
import type { WaitingLogEntry } from '../journal/attempt-store.js';
import { isPerhapsTooMuch } from '../sender/failure-cause.js';
import type { CallFailure } from '../sender/read-answer.js';
import type { Passage } from '../sender/line.js';
import type { TillParts } from './till-parts.js';
import { bytesOfCall, unhurried } from './unhurried.js';

/** After an upload that was perhaps too long, the next has so much fewer entries. */
const SHRINK = 4;

/** Uploads the transaction log; repeated entries are ignored by the server, so what was not confirmed is sent again. */
export class LogUploader {
  /** Entries of one upload; fewer after one that was perhaps too long. */
  #entriesMax: number = LIMITS.logEntriesMax;

  constructor(private readonly parts: TillParts) {}

  get waiting(): number {
    return this.parts.journal.read(() => this.parts.journal.attempts.countWaiting());
  }

  /** Sends all that waits, upload by upload; false when the line failed or the server did not take it. */
  async uploadAll(): Promise<boolean> {
    for (;;) {
      const end = await this.parts.lane.run('background', () => this.#uploadNext());
      if (end !== 'more') return end === 'empty';
    }
  }

  async #uploadNext(): Promise<'more' | 'empty' | 'stopped'> {
    const { calls, circuit, clock, journal, lineState, rate } = this.parts;
    if (!circuit.isClosed) return 'stopped';
    const page = journal.read(() => journal.attempts.waiting(this.#entriesMax));
    if (page.length === 0) return 'empty';
    const { waiting, bytes } = within(page, bytesOfCall(rate, LIMITS.logUploadBytesMax));
    const began = clock.monotonicMs();
    const entries = waiting.map(({ entry }) => entry);
    const result = await calls.uploadLog(entries, unhurried(this.parts, bytes));
    if (!result.ok) return this.#afterFailure(result, entries, began);
    this.#entriesMax = Math.min(LIMITS.logEntriesMax, this.#entriesMax * SHRINK);
    lineState.worked();
    const invalid = new Set(result.value.invalid.map(({ index }) => index));
    journal.transaction(() => {
      journal.attempts.mark(
        positions(waiting, (index) => !invalid.has(index)),
        'taken',
      );
      journal.attempts.mark(
        positions(waiting, (index) => invalid.has(index)),
        'not_taken',
      );
    });
    return 'more';
  }

  #afterFailure(
    { failure, passage }: { readonly failure: CallFailure; readonly passage: Passage },
    entries: readonly LogEntry[],
    began: number,
  ): 'more' | 'stopped' {
    if (isPerhapsTooMuch(failure, passage) && entries.length > 1) {
      this.#entriesMax = Math.ceil(entries.length / SHRINK);
      return 'more';
    }
    this.parts.lineState.failedInBackground(failure, began);
    return 'stopped';
  }
}

/** The first entries that fit into so many bytes, one at least. */
function within(page: readonly WaitingLogEntry[], bytesMax: number): { waiting: WaitingLogEntry[]; bytes: number } {
  const waiting: WaitingLogEntry[] = [];
  let bytes = 0;
  for (const one of page) {
    const more = Buffer.byteLength(JSON.stringify(one.entry));
    if (waiting.length > 0 && bytes + more > bytesMax) break;
    waiting.push(one);
    bytes += more;
  }
  return { waiting, bytes };
}

function positions(waiting: readonly WaitingLogEntry[], isMeant: (index: number) => boolean): number[] {
  return waiting.filter((_, index) => isMeant(index)).map(({ position }) => position);
}
