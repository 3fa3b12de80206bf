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
 * Milliseconds that a list waits for a journal or an original. The one that holds them commits within a few milliseconds, on a slow disk within
 * a hundred; one that takes longer hangs, and neighbours in the list must still get their codes within the 1,500 that a sale waits.
 */
const LOCK_MS = 300;

/**
 * Milliseconds until a session is held to hang that has not answered. A sale's list reads in a few; two hanging sessions and one lock fit
 * into the 1,500 that a sale waits. A late list reads the journals of 500 invoices, in less than a second, and nobody waits at a till.
 */
const WORK_MS: Readonly<Record<Door, number>> = { issue: 600, reissue: 3_000 };

/** How long the transaction of a list waits, by its door. */
export class CommitBounds {
  /** @param answerMs how long a sale's list may wait in the database, in milliseconds */
  constructor(
    private readonly answerMs: number,
    readonly silent: SilentSessions,
  ) {}

  /** Without the held journals, what is still waited for is a whole table: for half of the time that there is, since another try would do no better. */
  of([first]: readonly AuthenticInvoice[], locks: Locks): TransactionBounds {
    const workMs = WORK_MS[first?.arrival.door ?? 'issue'];
    const lockMs = locks === 'free' ? Math.floor(this.answerMs / 2) : LOCK_MS;
    return { lockMs, workMs: locks === 'free' ? lockMs + workMs : workMs, silent: this.silent };
  }
}
