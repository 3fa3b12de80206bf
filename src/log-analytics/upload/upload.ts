import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import {
  LIMITS,
  type LogEntry,
  type LogUploadAnswer,
  type Problem,
  problem,
  readLogEntry,
} from '@tax-control/protocol';
import { DATABASE_POOL } from '../../database/database.module.js';
import { type RateLimit, TerminalLimits } from '../../rate-limits/rate-limits.js';
import { sqlFailure } from '../../database/sql-failure.js';
import { storeLogEntries } from './log-entry-store.js';
import { UploadLists } from './upload-lists.js';

type InvalidEntry = LogUploadAnswer['invalid'][number];

interface NumberedEntry {
  readonly index: number;
  readonly entry: LogEntry;
}

/**
 * Entries of one terminal in a day, repeated ones counted again: ten times what a busy lane sells, each tried five times. At 1 KB
 * each, a till can make the database grow by 100 MB a day at most.
 */
export const ENTRIES_A_DAY: RateLimit = { name: 'log_entries', tries: 100_000, windowSeconds: 24 * 60 * 60 };

/** An upload that waits loses nothing; the queue is worked off in a few seconds. */
const BUSY_RETRY_AFTER_MS = 5_000;

/** Takes in what tills say of their attempts. */
@Injectable()
export class TransactionLogUpload {
  readonly #lists: UploadLists;

  constructor(
    @Inject(DATABASE_POOL) pool: Pool,
    private readonly limits: TerminalLimits,
  ) {
    this.#lists = new UploadLists((list) => storeLogEntries(pool, list));
  }

  /**
   * Stores what can be read and is new; an entry of a wrong shape is named by its index and keeps no other back. The
   * entries are the calling terminal's by definition: none can name another.
   */
  async store(terminalId: string, entries: readonly unknown[]): Promise<LogUploadAnswer | Problem> {
    const allowed = LIMITS.logEntriesMax;
    if (entries.length > allowed) return problem('too_many_entries', { allowed });
    const taken = entries.length === 0 ? null : await this.limits.take(ENTRIES_A_DAY, terminalId, entries.length);
    if (taken?.allowed === false) {
      const detail = `A terminal uploads at most ${ENTRIES_A_DAY.tries} entries a day. Keep them and send them later.`;
      return problem('too_many_requests', { detail, retryAfterMs: taken.retryAfterMs });
    }
    const valid: NumberedEntry[] = [];
    const invalid: InvalidEntry[] = [];
    for (const [index, value] of entries.entries()) {
      const reading = readLogEntry(value);
      if (reading.ok) valid.push({ index, entry: reading.entry });
      else invalid.push({ index, problem: reading.problem });
    }
    const stored = await this.#insert(terminalId, valid);
    if (stored === null) return problem('server_busy', { retryAfterMs: BUSY_RETRY_AFTER_MS });
    const { added, refused } = stored;
    return {
      new: added,
      repeated: valid.length - added - refused.length,
      invalid: [...invalid, ...refused].sort((one, other) => one.index - other.index),
    };
  }

  /** All at once, null when the server is too busy; when the database refuses a row of them, one by one, so that it fails no neighbour. */
  async #insert(
    terminalId: string,
    numbered: readonly NumberedEntry[],
  ): Promise<{ readonly added: number; readonly refused: readonly InvalidEntry[] } | null> {
    if (numbered.length === 0) return { added: 0, refused: [] };
    try {
      const entries = numbered.map(({ entry }) => entry);
      const added = await this.#lists.submit(terminalId, entries);
      return added === null ? null : { added, refused: [] };
    } catch (error) {
      if (sqlFailure(error).kind !== 'refused_row') throw error;
      const [only] = numbered;
      if (only !== undefined && numbered.length === 1) return { added: 0, refused: [refusedRow(only.index)] };
    }
    let added = 0;
    const refused: InvalidEntry[] = [];
    for (const one of numbered) {
      const outcome = await this.#insert(terminalId, [one]);
      if (outcome === null) return null;
      added += outcome.added;
      refused.push(...outcome.refused);
    }
    return { added, refused };
  }
}

function refusedRow(index: number): InvalidEntry {
  return {
    index,
    problem: problem('entry_invalid', { detail: 'The database has no place for a value of this entry.' }),
  };
}
