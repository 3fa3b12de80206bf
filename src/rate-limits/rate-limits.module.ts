import { type BeforeApplicationShutdown, Global, Inject, Module, type OnApplicationBootstrap } from '@nestjs/common';
import type { Pool } from 'pg';
import { Clock } from '@tax-control/protocol';
import { DATABASE_POOL, REPORTS_POOL } from '../database/database.module.js';
import { Log } from '../observability/log.js';
import { RateLimits, TerminalLimits } from './rate-limits.js';

/** Windows last hours; looking more often than this finds nothing. */
const CLEAR_INTERVAL_MS = 10 * 60_000;

/** Offers the limits to whoever is asked by strangers, and keeps their table small. */
@Global()
@Module({
  providers: [
    { provide: RateLimits, inject: [REPORTS_POOL], useFactory: (pool: Pool) => new RateLimits(pool) },
    { provide: TerminalLimits, inject: [DATABASE_POOL], useFactory: (pool: Pool) => new TerminalLimits(pool) },
  ],
  exports: [RateLimits, TerminalLimits],
})
export class RateLimitsModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(RateLimits) private readonly limits: RateLimits,
    private readonly log: Log,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => void this.#clear(), CLEAR_INTERVAL_MS).unref();
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.#timer);
  }

  async #clear(): Promise<void> {
    try {
      await this.limits.clear(this.clock.now());
    } catch (error) {
      this.log.warn('limits that ended could not be cleared; the next time will do', {}, error);
    }
  }
}
