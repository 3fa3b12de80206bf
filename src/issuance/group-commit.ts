import { OutcomeUnknown } from '../database/transaction.js';
import { FairQueue } from '../http/fair-queue.js';
import type { AuthenticInvoice } from './authentic-invoice.js';
import { isLong } from './long-invoice.js';
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

/** Payload bytes of one list: 300 usual invoices, or a few of a hundred lines; the statement takes some 20 ms then. */
const LIST_BYTES_MAX = 1_000_000;
/** Payload bytes of a usual invoice, 21 lines: so much of each terminal goes into a list before the next terminal's turn. */
const USUAL_PAYLOAD_BYTES = 4_000;
/**
 * Milliseconds after which a list no longer keeps the next one waiting. A commit takes 5, on a slow disk 100: this one hangs, perhaps alone,
 * and a sale waits 1,500 in all. A long invoice takes up to 400.
 */
const OVERDUE_MS = 250;
const LONG_OVERDUE_MS = 1_000;

interface Waiter {
  readonly authentic: AuthenticInvoice;
  /** By `performance.now()`. */
  readonly sinceMs: number;
  readonly resolve: (outcome: IssueOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers what arrives one by one into lists: whatever came in while the last commit ran is the next list. Nobody waits for company; the more
 * comes, the more one commit carries. Terminals take turns, and a long invoice is committed by itself, one at a time, beside the lists of the
 * others. A waiter whose client has gone is issued all the same: its till will ask again.
 */
export class GroupCommit {
  private readonly waiting = new FairQueue<Waiter>(USUAL_PAYLOAD_BYTES);
  private readonly waitingLong = new FairQueue<Waiter>(LIST_BYTES_MAX);
  /** Those without an answer, here or in the database, in the order of their coming. */
  private readonly unanswered = new Set<Waiter>();
  /** Lists in the database that are not overdue. */
  private timely = 0;
  private timelyLong = 0;
  private overdue = 0;

  constructor(
    private readonly issue: (list: readonly AuthenticInvoice[]) => Promise<IssueOutcome[]>,
    readonly limits: GroupCommitLimits,
  ) {}

  /** Whether one more has to be turned away. */
  get isFull(): boolean {
    return this.waitingInvoices >= this.limits.queueInvoicesMax;
  }

  /** Invoices that wait for a list. */
  get waitingInvoices(): number {
    return this.waiting.length + this.waitingLong.length;
  }

  /** Lists that are in the database now. */
  get listsInFlight(): number {
    return this.timely + this.timelyLong + this.overdue;
  }

  /** Lists in the database that take much longer than a commit should. */
  get listsOverdue(): number {
    return this.overdue;
  }

  /** Since when the oldest invoice waits, here or in the database, by `performance.now()`; null when none does. */
  get waitingSinceMs(): number | null {
    const [oldest] = this.unanswered;
    return oldest?.sinceMs ?? null;
  }

  /** How much of the queue is taken, 0 to 1. */
  get load(): number {
    return Math.min(1, this.waitingInvoices / this.limits.queueInvoicesMax);
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
      const { payload, invoice } = authentic;
      const queue = isLong(payload.length) ? this.waitingLong : this.waiting;
      const waiter = { authentic, sinceMs: performance.now(), resolve, reject };
      this.unanswered.add(waiter);
      queue.push(invoice.terminalId, payload.length, waiter);
      // Not at once: whoever else has arrived in this turn of the event loop goes along.
      setImmediate(() => this.startLists());
    });
  }

  private startLists(): void {
    while (this.mayStartList()) {
      this.timely += 1;
      void this.run(this.takeList(), OVERDUE_MS, () => (this.timely -= 1));
    }
    if (this.timelyLong > 0 || this.listsInFlight >= this.limits.listsMax) return;
    const long = this.waitingLong.take();
    if (long === undefined) return;
    this.timelyLong += 1;
    void this.run([long], LONG_OVERDUE_MS, () => (this.timelyLong -= 1));
  }

  /**
   * One list at a time, because few long lists cost the database less than many short ones; a further one beside it only where a whole list has
   * gathered meanwhile: then the disk is slow, or the load is high. One that is overdue holds up nobody, while there are sessions.
   */
  private mayStartList(): boolean {
    if (this.waiting.length === 0 || this.listsInFlight >= this.limits.listsMax) return false;
    if (this.timely === 0) return true;
    return this.timely < this.limits.listsInFlightMax && this.waiting.length >= this.limits.listInvoicesMax;
  }

  /** @param noLongerTimely called once: when the list is overdue, or when it ends before */
  private async run(list: readonly Waiter[], overdueMs: number, noLongerTimely: () => void): Promise<void> {
    let isOverdue = false;
    let timer = setTimeout(() => {
      isOverdue = true;
      noLongerTimely();
      this.overdue += 1;
      timer = setTimeout(() => this.giveUp(list), this.limits.answerMs - overdueMs);
      this.startLists();
    }, overdueMs);
    try {
      const outcomes = await this.issue(list.map(({ authentic }) => authentic));
      for (const [index, waiter] of list.entries()) {
        const outcome = outcomes[index];
        if (outcome) this.answered(waiter).resolve(outcome);
        else this.answered(waiter).reject(new Error('issuance returned no outcome for an invoice'));
      }
    } catch (error) {
      for (const waiter of list) this.answered(waiter).reject(error);
    }
    clearTimeout(timer);
    if (isOverdue) this.overdue -= 1;
    else noLongerTimely();
    this.startLists();
  }

  /** Answers those in a list that hangs. The list goes on, and so may its session. */
  private giveUp(list: readonly Waiter[]): void {
    const unknown = new OutcomeUnknown(new Error(`the list was in the database for ${this.limits.answerMs} ms`));
    for (const waiter of list) this.answered(waiter).reject(unknown);
  }

  private answered(waiter: Waiter): Waiter {
    this.unanswered.delete(waiter);
    return waiter;
  }

  /** Waiters in their terminals' turn, as many as fit into one list; at least one. */
  private takeList(): Waiter[] {
    const list: Waiter[] = [];
    let bytes = 0;
    for (let next = this.waiting.peek(); next !== undefined; next = this.waiting.peek()) {
      bytes += next.authentic.payload.length;
      if (list.length > 0 && (list.length >= this.limits.listInvoicesMax || bytes > LIST_BYTES_MAX)) break;
      list.push(next);
      this.waiting.take();
    }
    return list;
  }
}
