import { type AttemptOutcome, type Door, type FailureCause, LIMITS, type LogEntry } from '@tax-control/protocol';
import type { Database } from './sqlite/database.js';

/** An attempt before its first byte went out. */
export interface AttemptStart {
  /** UUID: identity of the attempt, sent along as header. */
  readonly id: string;
  /** RFC 3339, till's clock. */
  readonly at: string;
  readonly door: Door;
  readonly invoiceId: string;
}

/** How an attempt ended. Times in whole milliseconds; null where there was no such phase. */
export interface AttemptEnd {
  readonly outcome: AttemptOutcome;
  readonly cause: FailureCause | null;
  readonly detail: string | null;
  readonly address: string | null;
  readonly connectMs: number | null;
  readonly tlsMs: number | null;
  readonly answerMs: number | null;
  readonly totalMs: number | null;
}

/** An entry of the log that was not uploaded yet. */
export interface WaitingLogEntry {
  readonly position: number;
  readonly entry: LogEntry;
}

const COLUMNS = `id, at, door, invoice_id AS invoiceId, outcome, cause, detail, address,
  connect_ms AS connectMs, tls_ms AS tlsMs, answer_ms AS answerMs, total_ms AS totalMs`;

/** The table `attempts`: the transaction log. Beginning is not idempotent (the id is unique), ending is. */
export class AttemptStore {
  readonly #statements;

  constructor(database: Database) {
    this.#statements = {
      begin: database.prepare('INSERT INTO attempts (id, at, door, invoice_id) VALUES (@id, @at, @door, @invoiceId)'),
      end: database.prepare(
        `UPDATE attempts SET outcome = @outcome, cause = @cause, detail = @detail, address = @address,
           connect_ms = @connectMs, tls_ms = @tlsMs, answer_ms = @answerMs, total_ms = @totalMs
         WHERE id = @id AND outcome IS NULL`,
      ),
      interrupt: database.prepare(
        `UPDATE attempts SET outcome = 'failed', cause = 'till_restarted' WHERE outcome IS NULL`,
      ),
      newest: database.prepare<[number], LogEntry>(
        `SELECT ${COLUMNS} FROM attempts WHERE outcome IS NOT NULL ORDER BY position DESC LIMIT ?`,
      ),
      waiting: database.prepare<[number], LogEntry & { position: number }>(
        `SELECT position, ${COLUMNS} FROM attempts WHERE upload = 'waiting' AND outcome IS NOT NULL ORDER BY position LIMIT ?`,
      ),
      mark: database.prepare<[string, number]>('UPDATE attempts SET upload = ? WHERE position = ?'),
      countWaiting: database.prepare<[], { count: number }>(
        `SELECT count(*) AS count FROM attempts WHERE upload = 'waiting' AND outcome IS NOT NULL`,
      ),
      lastFailure: database.prepare<[], { at: string; cause: FailureCause; detail: string | null }>(
        `SELECT at, cause, detail FROM attempts WHERE outcome IN ('failed', 'not_authenticated') ORDER BY position DESC LIMIT 1`,
      ),
    };
  }

  begin(attempt: AttemptStart): void {
    this.#statements.begin.run({ ...attempt });
  }

  /** The first ending stands: what the till told the MIS is what the log says. */
  end(id: string, end: AttemptEnd): void {
    this.#statements.end.run({ id, ...end, detail: end.detail?.slice(0, LIMITS.textLengthMax) ?? null });
  }

  /** At the start: whatever was under way when the till stopped. */
  interruptAll(): void {
    this.#statements.interrupt.run();
  }

  /** Newest first. */
  newest(limit: number): LogEntry[] {
    return this.#statements.newest.all(limit);
  }

  /** Not uploaded yet, oldest first. */
  waiting(limit: number): WaitingLogEntry[] {
    return this.#statements.waiting.all(limit).map(({ position, ...entry }) => ({ position, entry }));
  }

  /** `not_taken`: the server said that the entry has not the agreed shape; it stays here and is not sent again. */
  mark(positions: readonly number[], upload: 'taken' | 'not_taken'): void {
    for (const position of positions) this.#statements.mark.run(upload, position);
  }

  countWaiting(): number {
    return this.#statements.countWaiting.get()?.count ?? 0;
  }

  lastFailure(): { at: string; cause: FailureCause; detail: string | null } | null {
    return this.#statements.lastFailure.get() ?? null;
  }
}
