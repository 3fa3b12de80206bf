import type { Clock, FailureCause, Problem, Warning } from '@tax-control/protocol';
import type { FeedEvent } from '../api.js';
import { utcTime } from '../clock.js';
import type { AttemptEnd } from '../journal/attempt-store.js';
import type { JournalEntry } from '../journal/entries.js';
import type { Journal } from '../journal/journal.js';
import type { FailureClass } from '../sender/failure-cause.js';
import type { Passage } from '../sender/line.js';
import type { Opener } from './line-state.js';
import type { Verdict } from './verdict.js';

/** An attempt that ended without a result for the invoice. */
export interface Miss {
  readonly cause: FailureCause;
  readonly detail: string | null;
  readonly class: FailureClass;
}

const NOTHING_SENT = { address: null, connectMs: null, tlsMs: null, answerMs: null } as const;

/** Who hears of it: the MIS that waits for this very answer, or the feed. */
export type Hearer = 'mis' | 'feed';

/**
 * Writes what became of an attempt: the entry, the end of the attempt, the feed, in one transaction. Gives back the entry as it is
 * afterwards, also where the disk failed: the code is real then, the entry still waits, and the next reissue gets the
 * same receipt again.
 */
export class ResultKeeper {
  constructor(
    private readonly journal: Journal,
    private readonly clock: Clock,
  ) {}

  keep(entry: JournalEntry, attemptId: string, verdict: Verdict, passage: Passage, hearer: Hearer): JournalEntry {
    if (verdict.kind === 'issued') return this.#seal(entry, attemptId, verdict, passage, hearer);
    if (verdict.kind === 'refused') return this.#park(entry, attemptId, verdict.problem, passage, hearer);
    if (verdict.kind === 'unbelievable') {
      const miss = { cause: 'receipt_invalid', detail: verdict.detail, class: 'own' } as const;
      return this.keepMiss(entry, attemptId, miss, passage);
    }
    const { code: cause, detail } = verdict.problem;
    const end = { outcome: 'deferred', cause, detail, ...times(passage) } as const;
    return this.#wait(entry, attemptId, { cause, detail, class: verdict.class }, end, true);
  }

  keepMiss(entry: JournalEntry, attemptId: string, miss: Miss, passage: Passage): JournalEntry {
    const outcome = miss.class === 'authentication' ? 'not_authenticated' : 'failed';
    const { cause, detail } = miss;
    return this.#wait(entry, attemptId, miss, { outcome, cause, detail, ...times(passage) }, false);
  }

  /** An invoice that failed alone where others got through: counted, so that it lets them pass. */
  blame(entry: JournalEntry, { cause, detail }: Pick<Miss, 'cause' | 'detail'>): void {
    this.journal.tryTransaction(() => {
      if (this.#isConcluded(entry)) return;
      this.journal.invoices.countFailure(entry.invoiceId, { cause, detail, deferred: false, at: this.clock.now() });
    });
  }

  /**
   * An attempt that was not made, because the line is known to be down. That is no cause of its own: the log tells the failure that
   * opened the circuit, and the MIS what it may do.
   * @param totalMs milliseconds that the sale waited for others before; null: it waited for nothing
   */
  keepUntried(
    entry: JournalEntry,
    attemptId: string,
    miss: Miss,
    { cause, detail }: Opener,
    totalMs: number | null,
  ): JournalEntry {
    const end: AttemptEnd = { outcome: 'not_tried', cause, detail, ...NOTHING_SENT, totalMs };
    return this.#wait(entry, attemptId, miss, end, false);
  }

  #seal(
    entry: JournalEntry,
    attemptId: string,
    verdict: Extract<Verdict, { kind: 'issued' }>,
    passage: Passage,
    hearer: Hearer,
  ): JournalEntry {
    const { receipt, code, warnings, already } = verdict;
    const at = this.clock.now();
    this.journal.tryTransaction(() => {
      const outcome = already ? 'already_issued' : 'issued';
      this.journal.attempts.end(attemptId, { outcome, cause: null, detail: null, ...times(passage) });
      // A late answer and a reissue may both bring the receipt, and it is the same.
      if (this.#isConcluded(entry)) return;
      this.journal.invoices.seal(entry.invoiceId, { receipt, code, warnings, at });
      if (hearer === 'feed') this.#tellIssued(entry, code, warnings);
    });
    return { ...entry, state: 'issued', receipt, code, warnings, concludedAt: at };
  }

  #park(entry: JournalEntry, attemptId: string, problem: Problem, passage: Passage, hearer: Hearer): JournalEntry {
    const at = this.clock.now();
    this.journal.tryTransaction(() => {
      const end = { outcome: 'refused', cause: problem.code, detail: problem.detail, ...times(passage) } as const;
      this.journal.attempts.end(attemptId, end);
      if (this.#isConcluded(entry)) return;
      this.journal.invoices.park(entry.invoiceId, problem, at);
      if (hearer === 'feed')
        this.#tell(
          entry,
          'refused',
          problem.code,
          `${problem.title} Correct the sale under a new saleId that names this one (supersedes).`,
        );
    });
    return { ...entry, state: 'refused', problem, cause: problem.code, concludedAt: at };
  }

  #wait(entry: JournalEntry, attemptId: string, miss: Miss, end: AttemptEnd, deferred: boolean): JournalEntry {
    const { cause, detail } = miss;
    const isOwn = miss.class === 'own';
    const at = this.clock.now();
    this.journal.tryTransaction(() => {
      this.journal.attempts.end(attemptId, end);
      if (this.#isConcluded(entry)) return;
      if (isOwn) this.journal.invoices.countFailure(entry.invoiceId, { cause, detail, deferred, at });
      else this.journal.invoices.keepWaiting(entry.invoiceId, cause, detail);
    });
    const failures = entry.failures + (isOwn ? 1 : 0);
    return { ...entry, cause, detail, failures, deferred: entry.deferred || (isOwn && deferred) };
  }

  #isConcluded(entry: JournalEntry): boolean {
    return this.journal.invoices.byInvoice(entry.invoiceId)?.state !== 'waiting';
  }

  #tellIssued(entry: JournalEntry, code: string, warnings: readonly Warning[]): void {
    this.#tell(entry, 'issued', code, 'The tax control code has come.');
    for (const warning of warnings) this.#tell(entry, 'warning', warning.code, warning.detail);
  }

  #tell(entry: JournalEntry, kind: FeedEvent['kind'], code: string, detail: string): void {
    const { saleId, invoiceId } = entry;
    this.journal.feed.append({ at: utcTime(this.clock.now()), kind, saleId, invoiceId, code, detail });
  }
}

function times({ address, connectMs, tlsMs, answerMs, totalMs }: Passage): Passage {
  return { address, connectMs, tlsMs, answerMs, totalMs };
}
