import type { FailureCause } from '@tax-control/protocol';
import type { DrainReport } from '../api.js';
import { JournalUnavailable } from '../journal/journal-unavailable.js';
import type { LogUploader } from './log-uploader.js';
import { beginPassing, type Passing } from './passing.js';
import type { PassingEnd, Reissuer } from './reissuer.js';
import type { Restorer } from './restorer.js';
import type { TillParts } from './till-parts.js';

/** Log entries that make an upload worth its call after a sale; an idle till uploads whatever there is. */
const LOG_BATCH = 50;

/** Decides when offline invoices are carried: after a sale, when the till is idle, when a person asks. One at a time. */
export class Drainer {
  #last: Promise<unknown> = Promise.resolve();
  #isSaleQueued = false;

  constructor(
    private readonly parts: TillParts,
    private readonly restorer: Restorer,
    private readonly reissuer: Reissuer,
    private readonly log: LogUploader,
    /** Something is left; called after a transaction that spent its allowance. */
    private readonly onLeft: () => void,
    /** The server is busy, and says after how many milliseconds to come again. */
    private readonly onBusy: (retryAfterMs: number) => void,
  ) {}

  /** A sale got its code: one transaction follows it. */
  afterSale(allowance: number): void {
    this.reissuer.takeAllowance(allowance);
    if (this.#isSaleQueued) return;
    this.#isSaleQueued = true;
    const transaction = async (): Promise<void> => {
      this.#isSaleQueued = false;
      const passing = beginPassing(false);
      const { end } = await this.#carry(passing);
      if (end === 'spent') this.onLeft();
      const hasCarried = Object.values(passing.tally).some((count) => count > 0);
      if (end !== 'stopped' && (hasCarried || this.log.waiting >= LOG_BATCH)) await this.log.uploadAll();
    };
    this.#enqueue(transaction).catch(this.parts.onError);
  }

  /** One transaction of an idle till, and its log. Resolves to whether to go on soon. */
  async idleTransaction(): Promise<boolean> {
    const isLeft = await this.#enqueue(async () => {
      const { end } = await this.#carry(beginPassing(false), 1);
      if (end !== 'stopped') await this.log.uploadAll();
      return end === 'spent';
    });
    return isLeft ?? false;
  }

  /**
   * Transaction after transaction until nothing is left or the line fails; also what failed often is tried once.
   * @throws JournalUnavailable
   */
  async drain(): Promise<DrainReport> {
    const { journal } = this.parts;
    const passing = beginPassing(true);
    let cause: FailureCause | null = null;
    await this.#enqueue(async () => {
      if (!(await this.parts.circuit.probeNow())) {
        cause = this.parts.lineState.whyOpen.cause;
        return;
      }
      let end: PassingEnd['end'];
      do ({ end, cause } = await this.#carry(passing, 1));
      while (end === 'spent');
      if (end !== 'stopped') await this.log.uploadAll();
    });
    return { ...passing.tally, stillWaiting: journal.read(() => journal.invoices.backlog().waiting), cause };
  }

  /**
   * One transaction: first what the server has forgotten, and of the allowance that is left the backlog. Where both wait, each has its half.
   * @param atLeast invoices that may be carried though the server says none: nobody sells meanwhile
   */
  async #carry(passing: Passing, atLeast = 0): Promise<PassingEnd> {
    const allowance = Math.max(this.reissuer.allowance, atLeast);
    const { journal } = this.parts;
    const isMoreWaiting = journal.read(() => journal.invoices.backlog().waiting) > 0;
    const restored = await this.restorer.carry(isMoreWaiting ? Math.ceil(allowance / 2) : allowance);
    if (restored.end === 'stopped') return { end: 'stopped', cause: restored.cause };
    const carried = await this.reissuer.carry(allowance - restored.carried, passing);
    if (carried.retryAfterMs !== undefined) this.onBusy(carried.retryAfterMs);
    return carried;
  }

  /** Resolves when nothing is being carried. */
  async idle(): Promise<void> {
    await this.#last;
  }

  /** A disk that fails stops the work; the next sale's answer says so. */
  #enqueue<T>(work: () => Promise<T>): Promise<T | null> {
    const done = this.#last.then(work).catch((error: unknown) => {
      if (error instanceof JournalUnavailable) return null;
      throw error;
    });
    this.#last = done.catch(() => undefined);
    return done;
  }
}
