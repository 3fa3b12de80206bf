import type { LogEntry } from '@tax-control/protocol';
import type { BillingInterface, DrainReport, FeedEvent, InvoiceDraft, SaleResult, TillStatus } from '../api.js';
import type { Line } from '../sender/line.js';
import type { Drainer } from './drainer.js';
import type { Housekeeper } from './housekeeper.js';
import type { SaleDesk } from './issue-sale.js';
import type { LimitWatch } from './limit-watch.js';
import type { LostJournals } from './lost-journals.js';
import type { TillParts } from './till-parts.js';
import { tillStatus } from './till-status.js';

const FEED_LIMIT = 100;
const LOG_LIMIT = 100;
/** What a look-up tells of a sale whose own answer the MIS is still waiting for. */
const ON_ITS_WAY = { cause: 'answer_timeout', detail: 'The sale is on its way to the server; ask again.' } as const;
/** How long `close` lets a chunk or an upload end before it cuts the line; what is cut is sent again later. */
const CLOSE_MS = 1_000;

export interface TillWorkers {
  readonly desk: SaleDesk;
  readonly drainer: Drainer;
  readonly housekeeper: Housekeeper;
  readonly limitWatch: LimitWatch;
  readonly line: Line;
  readonly lostJournals: LostJournals;
}

/** The billing interface of one terminal: gives each call to the part that does it. */
export class Till implements BillingInterface {
  #closing: Promise<void> | null = null;
  /** Let go of those who wait for the feed. */
  readonly #feedWaiters = new Set<() => void>();

  constructor(
    private readonly parts: TillParts,
    private readonly workers: TillWorkers,
  ) {}

  async issue(saleId: string, draft: InvoiceDraft): Promise<SaleResult> {
    if (this.#closing !== null)
      return { result: 'journal_unavailable', saleId, detail: 'The billing interface was closed. Open it again.' };
    const result = await this.workers.desk.issue(saleId, draft);
    if (result.result === 'stored_offline') this.workers.limitWatch.look();
    return result;
  }

  lookUp(saleId: string): SaleResult | null {
    const { answers, journal } = this.parts;
    const entry = journal.read(() => journal.invoices.bySale(saleId));
    if (entry === null) return null;
    const answer = answers.answer(entry);
    const isOnItsWay = entry.cause === null && this.parts.underWay.has(entry.invoiceId);
    return answer.result === 'stored_offline' && isOnItsWay ? { ...answer, ...ON_ITS_WAY } : answer;
  }

  async drain(): Promise<DrainReport> {
    const report = await this.workers.drainer.drain();
    await this.workers.lostJournals.fetch(true);
    return report;
  }

  status(): TillStatus {
    return tillStatus(this.parts);
  }

  feed(cursor: number, limit = FEED_LIMIT): FeedEvent[] {
    return this.parts.journal.read(() => this.parts.journal.feed.after(cursor, limit));
  }

  async waitForFeed(cursor: number, waitMs: number): Promise<FeedEvent[]> {
    const there = this.feed(cursor);
    if (there.length > 0 || this.#closing !== null) return there;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        stop();
        this.#feedWaiters.delete(done);
        resolve();
      };
      const timer = setTimeout(done, waitMs);
      const stop = this.parts.journal.feed.onAppend(() => {
        // A journal that cannot be read is told to who waits, by the reading below: thrown here it would end the process.
        const found = this.parts.journal.tryRead(() => this.parts.journal.feed.after(cursor, 1));
        if (found === null || found.length > 0) done();
      });
      this.#feedWaiters.add(done);
    });
    return this.#closing === null ? this.feed(cursor) : [];
  }

  log(limit = LOG_LIMIT): LogEntry[] {
    return this.parts.journal.read(() => this.parts.journal.attempts.newest(limit));
  }

  importParameters(jws: string): { readonly result: 'taken' | 'not_newer' | 'refused'; readonly detail: string } {
    return this.parts.shelf.take(jws);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    // Only now, so that whoever waits finds the till closing. A long wait must not keep a process alive.
    for (const letGo of this.#feedWaiters) letGo();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { circuit, journal, lane, underWay } = this.parts;
    const { desk, drainer, housekeeper, line } = this.workers;
    circuit.end();
    await desk.idle();
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_MS);
    });
    await Promise.race([
      Promise.all([housekeeper.end(), drainer.idle(), lane.idle(), underWay.allSettled()]),
      patience,
    ]);
    clearTimeout(timer);
    line.close();
    await Promise.all([housekeeper.end(), drainer.idle(), lane.idle(), underWay.allSettled()]);
    journal.close();
  }
}
