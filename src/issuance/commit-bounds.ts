import type { Door } from '@tax-control/protocol';
import type { SilentSessions } from '../database/session-silent.js';
import type { TransactionBounds } from '../database/transaction.js';
import type { AuthenticInvoice } from './authentic-invoice.js';

/**
 * `all`: a list waits for its locks; `free`: it goes without the invoices whose locks another transaction holds; `alone`: so does an invoice that
 * is tried by itself, to find out which one of its list waits.
 */
export type Locks = 'all' | 'free' | 'alone';

/**
 * Part of a sale's time that a list waits for a journal or an original: 300 of 3,000 ms. The one that holds them commits within a few milliseconds,
 * on a slow disk within a hundred; one that takes longer hangs, and neighbours in the list must still get their codes in time.
 */
const LOCK_PART = 0.1;
/** Part of it that a list waits for a whole table, once it waits for no journal: half, since another try would do no better. */
const TABLE_PART = 0.5;
/**
 * Part of it after which a session hangs that has not answered: 600 of 3,000 ms. A sale's list reads in a few; two hanging sessions and one lock
 * fit into the 1,500 that a sale waits. A late list reads the journals of 500 invoices, in less than a second, and nobody waits at a till.
 */
const WORK_PART: Readonly<Record<Door, number>> = { issue: 0.2, reissue: 1 };

/** How long the transaction of a list waits, by its door. */
export class CommitBounds {
  /** @param answerMs how long a sale's list may wait in the database, in milliseconds */
  constructor(
    private readonly answerMs: number,
    readonly silent: SilentSessions,
  ) {}

  of([first]: readonly AuthenticInvoice[], locks: Locks): TransactionBounds {
    const workMs = this.answerMs * WORK_PART[first?.arrival.door ?? 'issue'];
    const { silent } = this;
    if (locks !== 'free') return { lockMs: Math.round(this.answerMs * LOCK_PART), workMs, silent };
    const lockMs = Math.round(this.answerMs * TABLE_PART);
    return { lockMs, workMs: lockMs + workMs, silent };
  }
}
