import type { JournalLoss } from '../api.js';
import { utcTime } from '../clock.js';
import type { FoundLoss } from './find-losses.js';
import type { Database } from './sqlite/database.js';

/** A loss of which not everything was asked of the server. `cursor`: what to ask with next. */
export interface OpenLoss {
  readonly position: number;
  readonly journalId: string;
  readonly cursor: string;
  /** Counters that may be gone. */
  readonly count: number;
  readonly signedAfter: number;
}

/** A row of `LOSSES_SQL`. */
export interface LossRow {
  readonly journal_id: string;
  readonly found: number;
  readonly written: number;
  readonly noticed_at: number;
  readonly noticed_by: 'mark' | 'server';
  readonly detail: string;
  readonly problem: string | null;
  readonly fetched_at: number | null;
  readonly fetched: number;
  readonly bare: number;
  readonly missing: number;
}

/** Counters of a loss that neither the file nor what was fetched back has. */
const MISSING = `written - found - (SELECT count(DISTINCT counter) FROM (
    SELECT counter FROM invoices WHERE journal_id = losses.journal_id AND counter > found AND counter <= written
    UNION ALL
    SELECT counter FROM fetched_invoices WHERE journal_id = losses.journal_id AND counter > found AND counter <= written
  ))`;

/** What `JournalLoss` is made of; also read from a file that nobody has opened for writing. */
export const LOSSES_SQL = `SELECT *,
    (SELECT count(jws) FROM fetched_invoices WHERE journal_id = losses.journal_id AND counter > found) AS fetched,
    (SELECT count(*) - count(jws) FROM fetched_invoices WHERE journal_id = losses.journal_id AND counter > found) AS bare,
    ${MISSING} AS missing
  FROM losses`;

/** The table `losses`. Adding is not idempotent: `openNext` adds in the transaction that opens the next chain. */
export class LossStore {
  readonly #statements;

  constructor(database: Database) {
    this.#statements = {
      add: database.prepare(
        `INSERT INTO losses (journal_id, found, written, digest, noticed_at, noticed_by, detail, signed_after, cursor)
         VALUES (@journalId, @found, @written, @digest, @at, @by, @detail, (SELECT coalesce(max(position), 0) FROM invoices), @cursor)`,
      ),
      all: database.prepare<[], LossRow>(`${LOSSES_SQL} ORDER BY position`),
      one: database.prepare<[number], LossRow>(`${LOSSES_SQL} WHERE position = ?`),
      open: database.prepare<[], OpenLoss>(
        `SELECT position, journal_id AS journalId, cursor, written - found AS count, signed_after AS signedAfter
         FROM losses WHERE fetched_at IS NULL ORDER BY position`,
      ),
      untold: database.prepare<[], { detail: string }>(
        'SELECT detail FROM losses WHERE told_at IS NULL ORDER BY position',
      ),
      tell: database.prepare<[number]>('UPDATE losses SET told_at = ? WHERE told_at IS NULL'),
      advance: database.prepare('UPDATE losses SET cursor = @cursor WHERE position = @position'),
      halt: database.prepare('UPDATE losses SET problem = @problem WHERE position = @position'),
      finish: database.prepare('UPDATE losses SET problem = NULL, fetched_at = @at WHERE position = @position'),
    };
  }

  add({ journalId, found, written, digest, detail }: FoundLoss, by: 'mark' | 'server', at: number): void {
    this.#statements.add.run({ journalId, found, written, digest, detail, by, at, cursor: String(found) });
  }

  all(): JournalLoss[] {
    return this.#statements.all.all().map(lossOf);
  }

  /** Of which the server was not asked for everything, oldest first. */
  open(): OpenLoss[] {
    return this.#statements.open.all();
  }

  /** What no answer to a sale has told yet, one sentence each. */
  untold(): string[] {
    return this.#statements.untold.all().map(({ detail }) => detail);
  }

  markTold(at: number): void {
    this.#statements.tell.run(at);
  }

  /** A page was taken: the next begins behind it. */
  advance(position: number, cursor: string): void {
    this.#statements.advance.run({ position, cursor });
  }

  /** It goes on being open, and why. */
  halt(position: number, problem: string): void {
    this.#statements.halt.run({ position, problem });
  }

  /** The server has told everything that it has. */
  finish(position: number, at: number): JournalLoss {
    this.#statements.finish.run({ position, at });
    const row = this.#statements.one.get(position);
    if (row === undefined) throw new Error('a loss stays in the journal');
    return lossOf(row);
  }
}

export function lossOf(row: LossRow): JournalLoss {
  const { journal_id: journalId, found, written, detail, problem, fetched, missing } = row;
  const whenFetched = missing > 0 ? 'incomplete' : 'fetched';
  return {
    journalId,
    found,
    written,
    noticedAt: utcTime(row.noticed_at),
    noticedBy: row.noticed_by,
    detail,
    state: row.fetched_at === null ? 'to_fetch' : whenFetched,
    fetched,
    withoutContent: row.bare,
    missing,
    problem,
  };
}
