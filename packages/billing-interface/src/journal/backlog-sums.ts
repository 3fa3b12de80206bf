import type { Database } from './sqlite/database.js';

/** What waits, summed up: for the offline limits and for the status. Amounts in the smallest unit, times as in `NewSale`. */
export interface Backlog {
  readonly waiting: number;
  /** Without what the server deferred. */
  readonly counted: number;
  /** At most 2^53 − 1: sums beyond it would stop every sale, and no limit is as high. */
  readonly countedSales: number;
  /** Of the first in the journal: nothing behind it was signed earlier, even if the clock says so. */
  readonly oldestAt: number | null;
  /** Of the first in the journal that counts, and where that is. */
  readonly oldestCountedAt: number | null;
  readonly oldestCountedPosition: number | null;
}

/** What one invoice adds to the sums. */
export interface BacklogPart {
  readonly isWaiting: boolean;
  readonly isDeferred: boolean;
  readonly saleAmount: number;
}

interface Sums {
  waiting: number;
  counted: number;
  /** Exact, also above what a number holds. */
  countedSales: bigint;
}

interface First {
  readonly position: number;
  readonly signedAt: number;
}

/**
 * The sums of what waits. Each sale asks for them. Counted by SQLite they took 50 ms a sale with 6,000 waiting invoices, and seconds with
 * 100,000, so they are counted once and then kept up to date in memory. After a rollback they are counted again.
 */
export class BacklogSums {
  readonly #statements;
  #sums: Sums;
  #rollbacks: number;

  constructor(private readonly database: Database) {
    const first = (condition: string) =>
      database.prepare<[], First>(
        `SELECT position, signed_at AS signedAt FROM invoices WHERE state = 'waiting' ${condition} ORDER BY position LIMIT 1`,
      );
    this.#statements = {
      waiting: database.prepare<[], { deferred: 0 | 1; saleAmount: number }>(
        `SELECT deferred, sale_amount AS saleAmount FROM invoices WHERE state = 'waiting'`,
      ),
      part: database.prepare<[string], { state: string; deferred: 0 | 1; saleAmount: number }>(
        'SELECT state, deferred, sale_amount AS saleAmount FROM invoices WHERE invoice_id = ?',
      ),
      first: first(''),
      firstCounted: first('AND deferred = 0'),
    };
    this.#rollbacks = database.rollbacks;
    this.#sums = this.#count();
  }

  read(): Backlog {
    this.refresh();
    const { waiting, counted, countedSales } = this.#sums;
    const first = this.#statements.first.get();
    const firstCounted = this.#statements.firstCounted.get();
    return {
      waiting,
      counted,
      countedSales: Number(countedSales > Number.MAX_SAFE_INTEGER ? Number.MAX_SAFE_INTEGER : countedSales),
      oldestAt: first?.signedAt ?? null,
      oldestCountedAt: firstCounted?.signedAt ?? null,
      oldestCountedPosition: firstCounted?.position ?? null,
    };
  }

  /** To be called before a row of the journal changes: afterwards a count would have the change in it already. */
  refresh(): void {
    if (this.#rollbacks === this.database.rollbacks) return;
    this.#rollbacks = this.database.rollbacks;
    this.#sums = this.#count();
  }

  /** What an invoice adds at this moment; null: there is none. To be asked before it changes. */
  partOf(invoiceId: string): BacklogPart | null {
    this.refresh();
    const row = this.#statements.part.get(invoiceId);
    if (row === undefined) return null;
    return { isWaiting: row.state === 'waiting', isDeferred: row.deferred === 1, saleAmount: row.saleAmount };
  }

  /** One more invoice waits. */
  signed(saleAmount: number): void {
    this.#add(this.#sums, { isWaiting: true, isDeferred: false, saleAmount }, 1);
  }

  /** An invoice waits no longer. */
  concluded(part: BacklogPart | null): void {
    if (part?.isWaiting === true) this.#add(this.#sums, part, -1);
  }

  /** The server deferred an invoice that goes on waiting. */
  deferred(part: BacklogPart | null): void {
    if (part?.isWaiting !== true) return;
    this.#add(this.#sums, part, -1);
    this.#add(this.#sums, { ...part, isDeferred: true }, 1);
  }

  #add(sums: Sums, { isDeferred, saleAmount }: BacklogPart, sign: 1 | -1): void {
    sums.waiting += sign;
    if (isDeferred) return;
    sums.counted += sign;
    sums.countedSales += BigInt(sign * saleAmount);
  }

  #count(): Sums {
    const sums: Sums = { waiting: 0, counted: 0, countedSales: 0n };
    for (const { deferred, saleAmount } of this.#statements.waiting.iterate())
      this.#add(sums, { isWaiting: true, isDeferred: deferred === 1, saleAmount }, 1);
    return sums;
  }
}
