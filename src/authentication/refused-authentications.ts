import { type BeforeApplicationShutdown, Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Pool } from 'pg';
import { Clock } from '@tax-control/protocol';
import { DATABASE_POOL } from '../database/database.module.js';
import { Log } from '../observability/log.js';
import type { Caller } from './caller.js';
import { type RefusedAttempts, storeRefusedAttempts } from './refused-authentication-store.js';
import type { AuthenticationRefusal } from './standing.js';

const MINUTE_MS = 60_000;
/** Statistics are read minutes later; a crash loses this much of what is no invoice. */
const FLUSH_INTERVAL_MS = 5_000;
/**
 * Rows kept until the next flush: a fleet of 20,000 tills whose certificates are refused all at once comes to a few thousand in this
 * time. What is above it is counted without certificate.
 */
const ROWS_MAX = 5_000;
const NO_THUMBPRINT = '';

/**
 * Counts refused authentications, which tills cannot upload themselves, and writes them down in the background: one row
 * a minute, cause and certificate of this authority: 1,440 rows a day for each of these at most, and for all strangers
 * together. Never delays an answer, and forgets rather than fails.
 */
@Injectable()
export class RefusedAuthentications implements OnModuleInit, BeforeApplicationShutdown {
  #rows = new Map<string, RefusedAttempts>();
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> | undefined;

  constructor(
    @Inject(DATABASE_POOL) private readonly pool: Pool,
    private readonly log: Log,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.#timer = setInterval(() => void this.flush(), FLUSH_INTERVAL_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
    // What was refused while that flush was under way.
    await this.flush();
  }

  record(cause: AuthenticationRefusal, caller: Caller, remoteAddress: string): void {
    const minute = Math.floor(this.clock.now() / MINUTE_MS) * MINUTE_MS;
    // A stranger makes certificates by the thousand, so only those that this authority issued are told apart.
    const thumbprint = (cause === 'certificate_untrusted' ? null : caller.thumbprint) ?? NO_THUMBPRINT;
    this.#count({
      minute,
      cause,
      thumbprint,
      terminalId: caller.terminal?.terminalId ?? null,
      remoteAddress,
      attempts: 1,
    });
  }

  /** Writes down what was counted so far. Never rejects: on an outage it is kept for the next time. */
  flush(): Promise<void> {
    this.#flushing ??= this.#flush().finally(() => {
      this.#flushing = undefined;
    });
    return this.#flushing;
  }

  async #flush(): Promise<void> {
    if (this.#rows.size === 0) return;
    const rows = [...this.#rows.values()];
    this.#rows = new Map();
    try {
      await storeRefusedAttempts(this.pool, rows);
    } catch (error) {
      this.log.warn(
        'refused authentications could not be stored; they are kept for the next try',
        { rows: rows.length },
        error,
      );
      for (const row of rows) this.#count(row);
    }
  }

  #count(row: RefusedAttempts): void {
    const key = keyOf(row);
    const counted = this.#rows.get(key);
    if (counted !== undefined) this.#rows.set(key, { ...counted, attempts: counted.attempts + row.attempts });
    else if (this.#rows.size < ROWS_MAX || row.thumbprint === NO_THUMBPRINT) this.#rows.set(key, row);
    else this.#count({ ...row, thumbprint: NO_THUMBPRINT, terminalId: null });
  }
}

function keyOf({ minute, cause, thumbprint }: RefusedAttempts): string {
  return `${minute} ${cause} ${thumbprint}`;
}
