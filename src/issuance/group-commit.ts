import { OutcomeUnknown } from '../database/transaction.js';
import type { AuthenticInvoice } from './authentic-invoice.js';
import type { IssueOutcome } from './outcome.js';

/** Bounds of the group commit. */
export interface GroupCommitLimits {
  /** Invoices of one list. */
  readonly listInvoicesMax: number;
  /** Lists in the database at once, those that are overdue not counted. */
  readonly listsInFlightMax: number;
  /** All lists in the database: each holds a session. */
  readonly listsMax: number;
  /** Milliseconds until those in a list are told that nobody knows what became of it. */
  readonly answerMs: number;
  /** Invoices that wait for a list. */
  readonly queueInvoicesMax: number;
}

/** Payload bytes of one list: twice the largest invoice, so that one always fits and a few large ones do not make one huge statement. */
const LIST_BYTES_MAX = 10_000_000;
/** Payload bytes that wait: 50 of the largest invoices, or 80,000 usual ones. */
const QUEUE_BYTES_MAX = 250_000_000;
/**
 * Milliseconds after which a list no longer keeps the next one waiting. A commit takes 5, on a slow disk 100: this one hangs, perhaps alone,
 * and a sale waits 1,500 in all.
 */
const OVERDUE_MS = 250;

interface Waiter {
  readonly authentic: AuthenticInvoice;
  /** By `performance.now()`. */
  readonly sinceMs: number;
  readonly resolve: (outcome: IssueOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers what arrives one by one into lists: whatever came in while the last commit ran is the next list. Nobody waits for company; the more
 * comes, the more one commit carries. A waiter whose client has gone is issued all the same: its till will ask again.
 */
export class GroupCommit {
  private readonly waiting: Waiter[] = [];
  private waitingBytes = 0;
  /** For each list in the database since when its oldest invoice waits, by `performance.now()`. */
  private readonly lists = new Map<readonly Waiter[], number>();
  private overdueLists = 0;

  constructor(
    private readonly issue: (list: readonly AuthenticInvoice[]) => Promise<IssueOutcome[]>,
    readonly limits: GroupCommitLimits,
  ) {}

  /** Whether one more has to be turned away. */
  get isFull(): boolean {
    return this.waiting.length >= this.limits.queueInvoicesMax || this.waitingBytes >= QUEUE_BYTES_MAX;
  }

  /** Invoices that wait for a list. */
  get waitingInvoices(): number {
    return this.waiting.length;
  }

  /** Lists that are in the database now. */
  get listsInFlight(): number {
    return this.lists.size;
  }

  /** Lists in the database that take much longer than a commit should. */
  get listsOverdue(): number {
    return this.overdueLists;
  }

  /** Since when the oldest invoice waits, here or in the database, by `performance.now()`; null when none does. */
  get waitingSinceMs(): number | null {
    const [oldest] = this.waiting;
    const since = [...this.lists.values(), ...(oldest ? [oldest.sinceMs] : [])];
    return since.length > 0 ? Math.min(...since) : null;
  }

  /** How much of the queue is taken, 0 to 1. */
  get load(): number {
    return Math.min(1, this.waiting.length / this.limits.queueInvoicesMax);
  }

  /**
   * Issues one invoice in the next list.
   *
   * @returns once it is committed; null when the queue is full: nothing was done, and later it may fit
   * @throws what `issue` threw for its list; OutcomeUnknown when its list was in the database for too long
   */
  async submit(authentic: AuthenticInvoice): Promise<IssueOutcome | null> {
    if (this.isFull) return null;
    return new Promise((resolve, reject) => {
      this.waiting.push({ authentic, sinceMs: performance.now(), resolve, reject });
      this.waitingBytes += authentic.payload.length;
      // Not at once: whoever else has arrived in this turn of the event loop goes along.
      setImmediate(() => this.startLists());
    });
  }

  private startLists(): void {
    while (this.mayStartList()) void this.run(this.takeList());
  }

  /**
   * One list at a time, because few long lists cost the database less than many short ones; a further one beside it only where a whole list has
   * gathered meanwhile: then the disk is slow, or the load is high. One that is overdue holds up nobody, while there are sessions.
   */
  private mayStartList(): boolean {
    if (this.waiting.length === 0 || this.lists.size >= this.limits.listsMax) return false;
    const timely = this.lists.size - this.overdueLists;
    if (timely === 0) return true;
    return timely < this.limits.listsInFlightMax && this.waiting.length >= this.limits.listInvoicesMax;
  }

  private async run(list: readonly Waiter[]): Promise<void> {
    this.lists.set(list, list[0]?.sinceMs ?? performance.now());
    const watch = this.watch(list);
    try {
      const outcomes = await this.issue(list.map(({ authentic }) => authentic));
      for (const [index, { resolve, reject }] of list.entries()) {
        const outcome = outcomes[index];
        if (outcome) resolve(outcome);
        else reject(new Error('issuance returned no outcome for an invoice'));
      }
    } catch (error) {
      for (const { reject } of list) reject(error);
    } finally {
      watch.end();
      this.lists.delete(list);
      this.startLists();
    }
  }

  /** Lets others pass when the list is overdue, and later answers those in it; it goes on, and so may its session. */
  private watch(list: readonly Waiter[]): { end(): void } {
    let isOverdue = false;
    const answer = (): void => {
      const unknown = new OutcomeUnknown(new Error(`the list was in the database for ${this.limits.answerMs} ms`));
      for (const { reject } of list) reject(unknown);
    };
    let timer = setTimeout(() => {
      isOverdue = true;
      this.overdueLists += 1;
      timer = setTimeout(answer, this.limits.answerMs - OVERDUE_MS);
      this.startLists();
    }, OVERDUE_MS);
    return {
      end: () => {
        clearTimeout(timer);
        if (isOverdue) this.overdueLists -= 1;
      },
    };
  }

  /** The oldest waiters, as many as fit into one list; at least one. */
  private takeList(): Waiter[] {
    let bytes = 0;
    let length = 0;
    for (const { authentic } of this.waiting) {
      bytes += authentic.payload.length;
      if (length > 0 && (length >= this.limits.listInvoicesMax || bytes > LIST_BYTES_MAX)) break;
      length += 1;
    }
    const list = this.waiting.splice(0, length);
    this.waitingBytes -= list.reduce((sum, { authentic }) => sum + authentic.payload.length, 0);
    return list;
  }
}
