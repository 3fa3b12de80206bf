import { type BeforeApplicationShutdown, Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Pool } from 'pg';
import { DATABASE_POOL } from '../../database/database.module.js';
import { isOutage, sqlFailure } from '../../database/sql-failure.js';
import { Log } from '../../observability/log.js';
import { type ServerEvent, ServerEvents } from '../../observability/server-events.js';
import { storeServerEvents } from './server-event-store.js';

/** Statistics are read minutes later; a crash loses this much, and most of it the tills will tell of themselves. */
const FLUSH_INTERVAL_MS = 5_000;
/** Events of one transaction: uploads wait for no more than this many, some 100 ms. */
const EVENTS_AT_ONCE_MAX = 1_000;

/** Writes down in the background what the doors turned away. Never delays an answer, and forgets rather than fails. */
@Injectable()
export class ServerEventRecorder implements OnModuleInit, BeforeApplicationShutdown {
  #waiting: ServerEvent[] = [];
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> | undefined;

  constructor(
    @Inject(DATABASE_POOL) private readonly pool: Pool,
    private readonly events: ServerEvents,
    private readonly log: Log,
  ) {}

  onModuleInit(): void {
    this.#timer = setInterval(() => void this.flush(), FLUSH_INTERVAL_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
    // What came while that flush was under way.
    await this.flush();
  }

  /** Writes down what was dropped so far. Never rejects: in an outage it is kept for the next time. */
  flush(): Promise<void> {
    this.#flushing ??= this.#flush().finally(() => {
      this.#flushing = undefined;
    });
    return this.#flushing;
  }

  async #flush(): Promise<void> {
    // While some wait for the database to come back, new ones stay where their number is bounded.
    if (this.#waiting.length === 0) this.#take();
    while (this.#waiting.length > 0) {
      const events = this.#waiting.slice(0, EVENTS_AT_ONCE_MAX);
      try {
        await storeServerEvents(this.pool, events);
      } catch (error) {
        const isKept = isOutage(error) || sqlFailure(error).kind === 'serialization';
        this.log.warn(
          isKept
            ? 'events could not be stored; they are kept for the next try'
            : 'events could not be stored; they are lost',
          { events: events.length },
          error,
        );
        if (isKept) return;
      }
      this.#waiting.splice(0, events.length);
    }
  }

  #take(): void {
    const { events, lost } = this.events.take();
    this.#waiting = [...events];
    if (lost > 0) this.log.warn('more was turned away than could be kept; some events are lost', { lost });
  }
}
