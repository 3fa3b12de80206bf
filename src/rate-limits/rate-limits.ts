import type { Pool } from 'pg';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';

/**
 * So many tries (or bytes, or rows: points of any kind) within a window, which begins with the first of them.
 * @property name part of the key in the table: never two limits of one name
 */
export interface RateLimit {
  readonly name: string;
  readonly tries: number;
  readonly windowSeconds: number;
}

/** Whether a try is allowed; `triesLeft` after it. */
export type Taken =
  { readonly allowed: true; readonly triesLeft: number } | { readonly allowed: false; readonly retryAfterMs: number };

const TABLE = 'rate_limit';

/**
 * Limits that hold on every instance: tries are counted in the database, in one statement each. A caller who is past a
 * limit is remembered here as well until its window ends, so that a flood costs the database nothing. Outages come as the
 * driver's errors.
 */
export class RateLimits {
  readonly #limiters = new Map<string, RateLimiterPostgres>();

  constructor(private readonly pool: Pool) {}

  /**
   * Counts one try, or what else is limited, before it is done: of a hundred at once only the allowed ones get through. What is not
   * allowed is counted too.
   */
  async take(limit: RateLimit, key: string, points = 1): Promise<Taken> {
    try {
      const { remainingPoints } = await this.#limiterOf(limit).consume(key, points);
      return { allowed: true, triesLeft: remainingPoints };
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) return { allowed: false, retryAfterMs: refusal.msBeforeNext };
      throw refusal;
    }
  }

  /** Takes back a try that was none, a right answer for one. */
  async giveBack(limit: RateLimit, key: string): Promise<void> {
    await this.#limiterOf(limit).reward(key);
  }

  /** Forgets windows that ended before `nowMs`, in milliseconds since 1970; the table would keep a row for every address that ever asked. */
  async clear(nowMs: number): Promise<void> {
    await this.pool.query(`DELETE FROM ${TABLE} WHERE expire < $1`, [nowMs]);
  }

  #limiterOf({ name, tries, windowSeconds }: RateLimit): RateLimiterPostgres {
    const known = this.#limiters.get(name);
    if (known !== undefined) return known;
    const limiter = new RateLimiterPostgres({
      storeClient: this.pool,
      storeType: 'pool',
      tableName: TABLE,
      tableCreated: true,
      clearExpiredByTimeout: false,
      keyPrefix: name,
      points: tries,
      duration: windowSeconds,
      inMemoryBlockOnConsumed: tries + 1,
    });
    this.#limiters.set(name, limiter);
    return limiter;
  }
}

/** The same for what terminals do: on the doors' own connections, so that reports never make a till wait. */
export class TerminalLimits extends RateLimits {}
