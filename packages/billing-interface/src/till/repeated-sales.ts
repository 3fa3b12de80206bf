import { randomUUID } from 'node:crypto';
import type { SaleResult } from '../api.js';
import { localTime, utcTime } from '../clock.js';
import type { JournalEntry } from '../journal/entries.js';
import type { TillParts } from './till-parts.js';

/** A sale that is asked again within this time is noted once, in milliseconds: a MIS may ask every second until the code is there. */
const NOTED_MS = 60_000;
/** Sales of which the time is remembered; forgetting one notes it once too often. */
const REMEMBERED_MAX = 1_000;

/**
 * Sales that are asked for again under the same saleId. The answer is that of the first time, and it says so: a MIS whose key is used twice
 * would otherwise take yesterday's code for today's sale, which then exists nowhere.
 */
export class RepeatedSales {
  /** When each was noted last, by invoice id; milliseconds of the monotonic clock. */
  readonly #noted = new Map<string, number>();

  constructor(private readonly parts: Pick<TillParts, 'clock' | 'journal'>) {}

  /** An answer that the MIS may have had before: noted in log and feed. */
  repeat(answer: SaleResult, entry: JournalEntry): SaleResult {
    this.#note(entry);
    return this.mark(answer, entry);
  }

  /** The same sale, and when it was asked for first. What was not signed is no sale, and has no first time. */
  mark(answer: SaleResult, { signedAt }: JournalEntry): SaleResult {
    return 'invoiceId' in answer ? { ...answer, repeated: true, firstAt: utcTime(signedAt) } : answer;
  }

  #note({ saleId, invoiceId, code, signedAt }: JournalEntry): void {
    const { clock, journal } = this.parts;
    const now = clock.monotonicMs();
    const before = this.#noted.get(invoiceId);
    if (before !== undefined && now - before < NOTED_MS) return;
    if (this.#noted.size >= REMEMBERED_MAX) this.#noted.clear();
    this.#noted.set(invoiceId, now);
    const detail = `Asked again under the same saleId; the answer is that of ${utcTime(signedAt)}.`;
    const attempt = { id: randomUUID(), at: localTime(clock.now()), door: 'issue', invoiceId } as const;
    // The answer is certain already: a disk that does not take the note must not withhold it.
    journal.tryTransaction(() => {
      journal.attempts.begin(attempt);
      journal.attempts.end(attempt.id, { outcome: 'repeated', cause: null, detail, ...NOTHING_SENT });
      journal.feed.append({ at: utcTime(clock.now()), kind: 'repeated', saleId, invoiceId, code, detail });
    });
  }
}

const NOTHING_SENT = { address: null, connectMs: null, tlsMs: null, answerMs: null, totalMs: null } as const;
