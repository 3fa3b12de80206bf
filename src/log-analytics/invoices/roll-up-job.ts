import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { Pool } from 'pg';
import type { Log } from '../../observability/log.js';
import { Throttle } from '../../observability/throttle.js';
import { PAUSE_SHARE } from '../pace.js';
import { rollUp } from './roll-up.js';

/** What lies behind the sums is added live; so much of a busy day is read in a few milliseconds. */
const INTERVAL_MS = 5_000;
/** Rows of one transaction: a twentieth of a second of one core, twice as long on a busy one. With the pauses behind it, enough for 2,000 invoices a second then. */
const CHUNK_ROWS = 2_000;
/** The log of a night's outage has a line for each of these. */
const COMPLAINT_INTERVAL_MS = 60_000;

/** Keeps the sums of the ledger up, beside everything else. All instances try; one at a time does it. */
export class InvoiceRollUp implements OnApplicationBootstrap, BeforeApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;
  readonly #complaints = new Throttle(COMPLAINT_INTERVAL_MS);

  constructor(
    private readonly pool: Pool,
    private readonly log: Log,
    private readonly intervalMs = INTERVAL_MS,
  ) {}

  onApplicationBootstrap(): void {
    this.#wait(this.intervalMs);
  }

  /** Lets the chunk that is under way end; what is left is taken over after the next start. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #wait(ms: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      const beganMs = performance.now();
      this.#running = this.#run().then((more) =>
        this.#wait(more ? PAUSE_SHARE * (performance.now() - beganMs) : this.intervalMs),
      );
    }, ms).unref();
  }

  /** One chunk; tells whether there is more. Never rejects: an outage ends some time, and nothing is lost by waiting. */
  async #run(): Promise<boolean> {
    try {
      const outcome = await rollUp(this.pool, CHUNK_ROWS);
      if (outcome.result === 'foreign')
        this.#complain('the sums of invoices are of another database; run: tax-control statistics rebuild');
      return outcome.result === 'done' && outcome.more;
    } catch (error) {
      this.#complain('the sums of invoices could not be brought up to date; reports read what they lack live', error);
      return false;
    }
  }

  #complain(event: string, cause?: unknown): void {
    const suppressed = this.#complaints.pass(event);
    if (suppressed !== null) this.log.error(event, { suppressed }, cause);
  }
}
