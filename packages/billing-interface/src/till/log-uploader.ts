import { LIMITS } from '@tax-control/protocol';
import type { WaitingLogEntry } from '../journal/attempt-store.js';
import type { TillParts } from './till-parts.js';

const CONNECT_MS = 5_000;
const ANSWER_MS = 20_000;

/** Uploads the transaction log; repeated entries are ignored by the server, so what was not confirmed is sent again. */
export class LogUploader {
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
    const { calls, circuit, clock, journal, lineState } = this.parts;
    if (!circuit.isClosed) return 'stopped';
    const waiting = journal.read(() => journal.attempts.waiting(LIMITS.logEntriesMax));
    if (waiting.length === 0) return 'empty';
    const now = clock.monotonicMs();
    const entries = waiting.map(({ entry }) => entry);
    const result = await calls.uploadLog(entries, { connectBy: now + CONNECT_MS, answerBy: now + ANSWER_MS });
    if (!result.ok) {
      lineState.failedInBackground(result.failure);
      return 'stopped';
    }
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
    return waiting.length < LIMITS.logEntriesMax ? 'empty' : 'more';
  }
}

function positions(waiting: readonly WaitingLogEntry[], isMeant: (index: number) => boolean): number[] {
  return waiting.filter((_, index) => isMeant(index)).map(({ position }) => position);
}
