import { randomUUID } from 'node:crypto';
import type { Clock } from '@tax-control/protocol';
import { utcTime } from '../clock.js';
import { AttemptStore, type AttemptStart } from './attempt-store.js';
import type { JournalEntry, JournalPlace, NewSale, SignedInvoice } from './entries.js';
import { FeedStore } from './feed-store.js';
import { FetchedStore } from './fetched-store.js';
import type { FoundLoss } from './find-losses.js';
import { InvoiceStore } from './invoice-store.js';
import type { JournalMark } from './journal-mark.js';
import { guarded, JournalUnavailable, journalUnavailable } from './journal-unavailable.js';
import { LossStore } from './loss-store.js';
import { chainsOnFile, markedEnds } from './marked-chains.js';
import type { Mark } from './mark-file.js';
import { SettingStore } from './setting-store.js';
import type { Database } from './sqlite/database.js';

const FIRST_REASON = 'The file of the journal was made.';

/** A chain of invoices: the one that is written to. `lastCounter` 0: it is empty. */
export interface CurrentJournal {
  readonly journalId: string;
  readonly lastCounter: number;
}

/**
 * The durable queue and archive at the till. All of it is synchronous: when a method has returned, what it
 * wrote is on disk. Every method throws `JournalUnavailable` when the disk or the file lets it down.
 */
export class Journal {
  readonly invoices: InvoiceStore;
  readonly attempts: AttemptStore;
  readonly feed: FeedStore;
  readonly settings: SettingStore;
  readonly losses: LossStore;
  readonly fetched: FetchedStore;
  /** Called when a loss was noticed. */
  onLost: () => void = () => undefined;
  /** Of the current chain: up to it everything was there and answered when the file was opened. What another copy wrote comes behind it. */
  #settledCounter: number;
  #journalId: string;
  #ends: Mark;

  /** `database` is open, held and migrated: see `openJournal`. */
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    readonly mark: JournalMark,
  ) {
    this.fetched = new FetchedStore(database);
    this.losses = new LossStore(database);
    this.invoices = new InvoiceStore(database, this.fetched);
    this.attempts = new AttemptStore(database);
    this.feed = new FeedStore(database);
    this.settings = new SettingStore(database);
    this.#journalId = this.transaction(() => {
      this.attempts.interruptAll();
      this.feed.prune();
      const losses = mark.losses(chainsOnFile(database));
      if (losses.length > 0) return this.#beginNext(losses.map(({ detail }) => detail).join(' '), losses, 'mark');
      return this.#newestOrFirst();
    });
    this.#settledCounter = this.read(() => this.invoices.settledCounter(this.#journalId));
    this.#ends = this.read(() => markedEnds(database));
    mark.keep(this.#ends);
  }

  /** All of it or nothing; on disk when it returns. Transactions nest. */
  transaction<T>(work: () => T): T {
    if (!this.database.isOpen) throw journalUnavailable('closed');
    return guarded(() => this.database.transaction(work));
  }

  /** Reads; like `transaction`, but leaves the disk alone. */
  read<T>(work: () => T): T {
    if (!this.database.isOpen) throw journalUnavailable('closed');
    return guarded(work);
  }

  /**
   * A transaction about something that is certain already, and stays so when the disk does not take it: false then.
   * What follows from it (a seal, a standing) is found out again later.
   */
  tryTransaction(work: () => void): boolean {
    return unlessUnavailable(() => (this.transaction(work), true)) ?? false;
  }

  /** Reads what the answer can do without: null when the journal cannot be read. */
  tryRead<T>(work: () => T): T | null {
    return unlessUnavailable(() => this.read(work));
  }

  get current(): CurrentJournal {
    const lastCounter = this.read(() => this.invoices.end(this.#journalId)?.counter ?? 0);
    return { journalId: this.#journalId, lastCounter };
  }

  /**
   * Counter, chain digest, invoice and the attempt to send it, in one transaction. `sign` is given the place and gives the
   * signed bytes; when it returns null nothing is written and no counter is used. The mark is written after it: a crash between the two
   * leaves it one behind. Not to be called within a transaction.
   * @param conclude writes in the same transaction what is known of the attempt already, and gives the entry as it is then
   */
  append(
    sale: NewSale,
    attempt: AttemptStart,
    sign: (place: JournalPlace) => SignedInvoice | null,
    conclude: (entry: JournalEntry) => JournalEntry = (entry) => entry,
  ): JournalEntry | null {
    const entry = this.transaction(() => {
      const end = this.invoices.end(this.#journalId);
      const place = {
        journalId: this.#journalId,
        counter: (end?.counter ?? 0) + 1,
        previousDigest: end?.digest ?? null,
      };
      const signed = sign(place);
      if (signed === null) return null;
      this.invoices.insert(sale, place, signed);
      this.attempts.begin(attempt);
      const entry = this.invoices.byInvoice(sale.invoiceId);
      return entry === null ? null : conclude(entry);
    });
    if (entry !== null) this.#markEnd(entry);
    return entry;
  }

  /**
   * The server has invoices of the current chain that this file has not: begins a new chain in the same file; what waits in the old one
   * goes on waiting. Where the disk does not take it the old chain goes on, and the next answer brings the matter up again.
   */
  openNext(detail: string, written: number): void {
    const loss = { journalId: this.#journalId, found: this.#settledCounter, written, digest: null, detail };
    let journalId: string | null = null;
    this.tryTransaction(() => {
      journalId = this.#beginNext(detail, [loss], 'server');
    });
    if (journalId === null) return;
    this.#journalId = journalId;
    this.#settledCounter = 0;
    this.#ends = this.tryRead(() => markedEnds(this.database)) ?? this.#ends;
    this.mark.keep(this.#ends);
    this.onLost();
  }

  close(): void {
    this.mark.close();
    guarded(() => this.database.close());
  }

  #markEnd({ journalId, counter, digest }: JournalEntry): void {
    this.#ends = [{ journalId, counter, digest }, ...this.#ends.slice(1)];
    this.mark.keep(this.#ends);
  }

  #beginNext(detail: string, losses: readonly FoundLoss[], by: 'mark' | 'server'): string {
    const journalId = randomUUID();
    const at = this.clock.now();
    const reason = `A new journal was opened. ${detail}`;
    this.#insertJournal(journalId, reason);
    const event = { at: utcTime(at), saleId: null, invoiceId: null, code: null } as const;
    for (const loss of losses) {
      this.losses.add(loss, by, at);
      this.feed.append({ ...event, kind: 'journal_lost', detail: loss.detail });
    }
    this.feed.append({ ...event, kind: 'journal_opened', detail: reason });
    return journalId;
  }

  #insertJournal(journalId: string, reason: string): void {
    this.database
      .prepare('INSERT INTO journals (journal_id, opened_at, reason) VALUES (?, ?, ?)')
      .run(journalId, this.clock.now(), reason);
  }

  #newestOrFirst(): string {
    const newest = this.database
      .prepare<[], { id: string }>('SELECT journal_id AS id FROM journals ORDER BY position DESC LIMIT 1')
      .get();
    if (newest !== undefined) return newest.id;
    const first = randomUUID();
    this.#insertJournal(first, FIRST_REASON);
    return first;
  }
}

function unlessUnavailable<T>(work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if (error instanceof JournalUnavailable) return null;
    throw error;
  }
}
