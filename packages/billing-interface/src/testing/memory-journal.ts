import { randomUUID } from 'node:crypto';
import type { FailureCause, LogEntry, Problem, Warning } from '@tax-control/protocol';
import type { AttemptEnd, AttemptStart, WaitingLogEntry } from '../journal/attempt-store.js';
import type { JournalEntry } from '../journal/entries.js';

/** What a signed invoice says of itself. */
export interface SignedFacts {
  readonly invoiceId: string;
  readonly counter: number;
  /** Compact JWS. */
  readonly jws: string;
  readonly digest: string;
}

/**
 * The part of a journal that the senders of a till use, in memory: a load generator has hundreds of tills, and their disks are not
 * what it measures. Methods have the names and meanings of those of `Journal`.
 */
export class MemoryJournal {
  readonly invoices = new MemoryInvoices();
  readonly attempts = new MemoryAttempts();
  readonly feed = { append: (): void => undefined };
  readonly settings = {
    get: (name: string): string | null => this.#settings.get(name) ?? null,
    set: (name: string, value: string): void => void this.#settings.set(name, value),
    remove: (name: string): void => void this.#settings.delete(name),
  };
  readonly #settings = new Map<string, string>();
  readonly #journalId = randomUUID();

  get current(): { readonly journalId: string; readonly lastCounter: number } {
    return { journalId: this.#journalId, lastCounter: this.invoices.lastCounter };
  }

  transaction<T>(work: () => T): T {
    return work();
  }

  read<T>(work: () => T): T {
    return work();
  }

  tryRead<T>(work: () => T): T {
    return work();
  }

  tryTransaction(work: () => void): boolean {
    work();
    return true;
  }

  openNext(detail: string): void {
    throw new Error(`The server has other invoices of this till: ${detail}`);
  }

  append(signed: SignedFacts, attempt: AttemptStart): JournalEntry {
    this.attempts.begin(attempt);
    return this.invoices.insert(signed, this.#journalId);
  }
}

class MemoryInvoices {
  lastCounter = 0;
  readonly #entries = new Map<string, JournalEntry>();
  /** Oldest first. */
  readonly #waiting = new Map<string, JournalEntry>();
  #newestCode: string | null = null;

  get all(): Iterable<JournalEntry> {
    return this.#entries.values();
  }

  get waitingCount(): number {
    return this.#waiting.size;
  }

  insert({ invoiceId, counter, jws, digest }: SignedFacts, journalId: string): JournalEntry {
    const entry: JournalEntry = {
      invoiceId,
      counter,
      jws,
      digest,
      journalId,
      position: this.#entries.size + 1,
      saleId: invoiceId,
      saleDigest: '',
      saleAmount: 0,
      signedAt: Date.now(),
      notices: [],
      proof: null,
      state: 'waiting',
      cause: null,
      detail: null,
      deferred: false,
      failures: 0,
      failedAt: null,
      receipt: null,
      code: null,
      warnings: [],
      problem: null,
      concludedAt: null,
    };
    this.lastCounter = counter;
    this.#put(entry);
    return entry;
  }

  byInvoice(invoiceId: string): JournalEntry | null {
    return this.#entries.get(invoiceId) ?? null;
  }

  waitingAfter(position: number, limit: number): JournalEntry[] {
    const found: JournalEntry[] = [];
    for (const entry of this.#waiting.values()) {
      if (entry.position > position) found.push(entry);
      if (found.length === limit) break;
    }
    return found;
  }

  backlog(): { readonly waiting: number } {
    return { waiting: this.#waiting.size };
  }

  newestCode(): string | null {
    return this.#newestCode;
  }

  /** The server is asked for what it has forgotten where its numbers jumped; a load generator's never do. */
  codesBelow(): string[] {
    return [];
  }

  seal(
    invoiceId: string,
    { receipt, code, warnings, at }: { receipt: string; code: string; warnings: readonly Warning[]; at: number },
  ): void {
    this.#change(invoiceId, { state: 'issued', receipt, code, warnings, concludedAt: at });
    if (this.#newestCode === null || code > this.#newestCode) this.#newestCode = code;
  }

  park(invoiceId: string, problem: Problem, at: number): void {
    this.#change(invoiceId, { state: 'refused', problem, cause: problem.code, concludedAt: at });
  }

  keepWaiting(invoiceId: string, cause: FailureCause, detail: string | null): void {
    this.#change(invoiceId, { cause, detail });
  }

  countFailure(
    invoiceId: string,
    { cause, detail, deferred, at }: { cause: FailureCause; detail: string | null; deferred: boolean; at: number },
  ): void {
    const before = this.byInvoice(invoiceId);
    if (before === null) return;
    const { failures } = before;
    this.#change(invoiceId, {
      cause,
      detail,
      failedAt: at,
      deferred: before.deferred || deferred,
      failures: failures + 1,
    });
  }

  #change(invoiceId: string, changes: Partial<JournalEntry>): void {
    const before = this.byInvoice(invoiceId);
    if (before !== null) this.#put({ ...before, ...changes });
  }

  #put(entry: JournalEntry): void {
    this.#entries.set(entry.invoiceId, entry);
    if (entry.state === 'waiting') this.#waiting.set(entry.invoiceId, entry);
    else this.#waiting.delete(entry.invoiceId);
  }
}

class MemoryAttempts {
  /** Attempts that brought no code, by door and cause; those that were not made are not counted. */
  readonly failures = new Map<string, number>();
  readonly #open = new Map<string, AttemptStart>();
  #ended: WaitingLogEntry[] = [];
  #position = 0;

  begin(attempt: AttemptStart): void {
    this.#open.set(attempt.id, attempt);
  }

  end(id: string, end: AttemptEnd): void {
    const start = this.#open.get(id);
    if (start === undefined) return;
    this.#open.delete(id);
    this.#position += 1;
    const entry: LogEntry = { ...start, ...end };
    if (end.cause !== null && end.outcome !== 'not_tried') {
      const kind = `${start.door} ${end.cause}`;
      this.failures.set(kind, (this.failures.get(kind) ?? 0) + 1);
    }
    this.#ended.push({ position: this.#position, entry });
  }

  waiting(limit: number): WaitingLogEntry[] {
    return this.#ended.slice(0, limit);
  }

  mark(positions: readonly number[]): void {
    const marked = new Set(positions);
    this.#ended = this.#ended.filter(({ position }) => !marked.has(position));
  }

  countWaiting(): number {
    return this.#ended.length;
  }
}
