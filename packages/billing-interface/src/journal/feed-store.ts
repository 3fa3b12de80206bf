import type { FeedEvent } from '../api.js';
import type { Database } from './sqlite/database.js';

/** Events kept: a reader that is further behind reads the journal itself. At 200 sales a day, years of outages. */
const EVENTS_MAX = 100_000;

/** The table `feed`. Appending is not idempotent: callers append in the transaction that makes the thing happen. */
export class FeedStore {
  readonly #statements;
  readonly #listeners = new Set<() => void>();

  constructor(database: Database) {
    this.#statements = {
      append: database.prepare(
        `INSERT INTO feed (at, kind, sale_id, invoice_id, code, detail) VALUES (@at, @kind, @saleId, @invoiceId, @code, @detail)`,
      ),
      after: database.prepare<[number, number], FeedEvent>(
        `SELECT cursor, at, kind, sale_id AS saleId, invoice_id AS invoiceId, code, detail
         FROM feed WHERE cursor > ? ORDER BY cursor LIMIT ?`,
      ),
      prune: database.prepare<[number]>('DELETE FROM feed WHERE cursor <= (SELECT max(cursor) FROM feed) - ?'),
    };
  }

  append(event: Omit<FeedEvent, 'cursor'>): void {
    this.#statements.append.run({ ...event });
    // Transactions are synchronous: by the time a microtask runs, the event is on disk or was rolled back.
    queueMicrotask(() => {
      for (const listener of this.#listeners) listener();
    });
  }

  /** Calls the listener after appends; it reads the feed to see what is new. Returns how to stop. */
  onAppend(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  after(cursor: number, limit: number): FeedEvent[] {
    return this.#statements.after.all(cursor, limit);
  }

  prune(): void {
    this.#statements.prune.run(EVENTS_MAX);
  }
}
