import type { AuthenticInvoice } from './authentic-invoice.js';
import type { IssueOutcome } from './outcome.js';

/** Bounds of the group commit. */
export interface GroupCommitLimits {
  /** Invoices of one list. */
  readonly listInvoicesMax: number;
  /** Lists in the database at once. */
  readonly listsInFlightMax: number;
  /** Invoices that wait for a list. */
  readonly queueInvoicesMax: number;
}

/** Payload bytes of one list: twice the largest invoice, so that one always fits and a few large ones do not make one huge statement. */
const LIST_BYTES_MAX = 10_000_000;
/** Payload bytes that wait: 50 of the largest invoices, or 80,000 usual ones. */
const QUEUE_BYTES_MAX = 250_000_000;

interface Waiter {
  readonly authentic: AuthenticInvoice;
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
  private lists = 0;

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
    return this.lists;
  }

  /** How much of the queue is taken, 0 to 1. */
  get load(): number {
    return Math.min(1, this.waiting.length / this.limits.queueInvoicesMax);
  }

  /**
   * Issues one invoice in the next list.
   *
   * @returns once it is committed; null when the queue is full: nothing was done, and later it may fit
   * @throws what `issue` threw for its list
   */
  async submit(authentic: AuthenticInvoice): Promise<IssueOutcome | null> {
    if (this.isFull) return null;
    return new Promise((resolve, reject) => {
      this.waiting.push({ authentic, resolve, reject });
      this.waitingBytes += authentic.payload.length;
      // Not at once: whoever else has arrived in this turn of the event loop goes along.
      setImmediate(() => this.startLists());
    });
  }

  private startLists(): void {
    while (this.mayStartList()) {
      this.lists += 1;
      void this.run(this.takeList());
    }
  }

  /**
   * One list at a time, because few long lists cost the database less than many short ones; a further one beside it only where a whole list has
   * gathered meanwhile: then the disk is slow, or the load is high.
   */
  private mayStartList(): boolean {
    if (this.lists === 0) return this.waiting.length > 0;
    return this.lists < this.limits.listsInFlightMax && this.waiting.length >= this.limits.listInvoicesMax;
  }

  private async run(list: readonly Waiter[]): Promise<void> {
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
      this.lists -= 1;
      this.startLists();
    }
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
