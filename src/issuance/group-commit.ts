import { FairQueue } from '../http/fair-queue.js';
import type { AuthenticInvoice } from './authentic-invoice.js';
import { isLong } from './long-invoice.js';
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

/** Payload bytes of one list: 300 usual invoices, or a few of a hundred lines; the statement takes some 20 ms then. */
const LIST_BYTES_MAX = 1_000_000;
/** Payload bytes of a usual invoice, 21 lines: so much of each terminal goes into a list before the next terminal's turn. */
const USUAL_PAYLOAD_BYTES = 4_000;

interface Waiter {
  readonly authentic: AuthenticInvoice;
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
  private lists = 0;
  private isLongInFlight = false;

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
    return this.lists;
  }

  /** How much of the queue is taken, 0 to 1. */
  get load(): number {
    return Math.min(1, this.waitingInvoices / this.limits.queueInvoicesMax);
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
      const { payload, invoice } = authentic;
      const queue = isLong(payload.length) ? this.waitingLong : this.waiting;
      queue.push(invoice.terminalId, payload.length, { authentic, resolve, reject });
      // Not at once: whoever else has arrived in this turn of the event loop goes along.
      setImmediate(() => this.startLists());
    });
  }

  private startLists(): void {
    while (this.mayStartList()) {
      this.lists += 1;
      void this.run(this.takeList()).finally(() => {
        this.lists -= 1;
        this.startLists();
      });
    }
    this.startLong();
  }

  private startLong(): void {
    if (this.isLongInFlight) return;
    const long = this.waitingLong.take();
    if (long === undefined) return;
    this.isLongInFlight = true;
    void this.run([long]).finally(() => {
      this.isLongInFlight = false;
      this.startLong();
    });
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
    }
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
