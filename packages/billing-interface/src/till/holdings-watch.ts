import type { Clock, IssueRequest, Standing as AnswerStanding } from '@tax-control/protocol';
import type { Journal } from '../journal/journal.js';

/**
 * Whether the server has all receipts on file that this till holds. A jump of its numbers, or a receipt that it does not know, means that its
 * database was restored and may have forgotten some.
 */
export class HoldingsWatch {
  /** Something since the last look says that receipts may be missing. */
  #isDoubtful = false;
  /** Of the last look, or of the start; monotonic clock. */
  #lookedAt: number;

  constructor(
    private readonly journal: Journal,
    private readonly clock: Clock,
  ) {
    this.#lookedAt = clock.monotonicMs();
  }

  /** What a request says of the receipts here; empty where there are none, or the journal cannot be read. */
  claim(): Pick<IssueRequest, 'newestCode'> {
    const newestCode = this.journal.tryRead(() => this.journal.invoices.newestCode());
    return newestCode === null ? {} : { newestCode };
  }

  /** Hears what an answer about invoices says. */
  notice({ lastJump, newestKnown }: Pick<AnswerStanding, 'lastJump' | 'newestKnown'>): void {
    if (!newestKnown || (lastJump !== null && lastJump !== this.keptSince)) this.#isDoubtful = true;
  }

  /** The server says that it is behind what is held here. */
  doubt(): void {
    this.#isDoubtful = true;
  }

  /** Whether to look now: something was noticed, or nothing was heard for so many milliseconds. */
  isDue(pauseMs: number): boolean {
    return this.#isDoubtful || this.clock.monotonicMs() - this.#lookedAt >= pauseMs;
  }

  /** The jump behind which all was on file; null: none yet. */
  get keptSince(): number | null {
    const kept = this.journal.tryRead(() => this.journal.settings.get('kept_since'));
    return kept === null ? null : Number(kept);
  }

  /** All that is held is on file. @param lastJump as the server said; null: its numbers never jumped */
  found(lastJump: number | null): void {
    const isKept =
      lastJump === null || this.journal.tryTransaction(() => this.journal.settings.set('kept_since', String(lastJump)));
    this.#isDoubtful = !isKept;
    this.#lookedAt = this.clock.monotonicMs();
  }
}
