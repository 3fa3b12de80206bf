import { setTimeout } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Pool, PoolClient } from 'pg';
import { REPORTS_POOL } from '../../database/database.module.js';
import { inTransaction } from '../../database/transaction.js';
import { Log } from '../../observability/log.js';
import { PAUSE_SHARE } from '../pace.js';
import { keepAttempts } from './keep-attempts.js';
import { keepIssued, keepRefused } from './keep-invoices.js';

/** Officials look at what happened minutes ago at the soonest. */
const INTERVAL_MS = 5_000;
/** Transactions in a row before others have their turn: after a bulk load the rest waits for the next time. */
const STEPS_MAX = 20;

/** Between two looks at whether others' transactions have ended. */
const TURN_PAUSE_MS = 20;

/** Each keeps one kind of source up to date, a bounded number of rows at a time, and tells whether there is more. */
const KEEPERS: readonly ((client: PoolClient) => Promise<boolean>)[] = [keepAttempts, keepIssued, keepRefused];

/**
 * Keeps the tables of failures, journals and months up to date in the background. Any number of instances may run it: one at a
 * time does, the others pass by. Never delays an answer.
 */
@Injectable()
export class KeptTables implements OnModuleInit, BeforeApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  readonly #stop = new AbortController();

  constructor(
    @Inject(REPORTS_POOL) private readonly pool: Pool,
    private readonly log: Log,
  ) {}

  onModuleInit(): void {
    this.#timer = setInterval(() => void this.#tick(), INTERVAL_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    clearInterval(this.#timer);
    await this.#running;
  }

  /**
   * Takes over everything that was committed before the call; waits for transactions that were under way then, anywhere in the
   * cluster, because rows are taken over in their order. Throws on an outage.
   */
  async catchUp(): Promise<void> {
    const { rows } = await this.pool.query<{ next: string }>('SELECT pg_snapshot_xmax(pg_current_snapshot()) AS next');
    while (!(await this.#isOver(rows[0]?.next ?? '0'))) await setTimeout(TURN_PAUSE_MS);
    for (const keep of KEEPERS) while (await this.#step(keep, true));
  }

  /** Whether every transaction before this one has ended. */
  async #isOver(transaction: string): Promise<boolean> {
    const { rows } = await this.pool.query<{ over: boolean }>(
      'SELECT pg_snapshot_xmin(pg_current_snapshot()) >= $1::xid8 AS over',
      [transaction],
    );
    return rows[0]?.over === true;
  }

  /** A few steps, unless they are under way. Never rejects: on an outage it is tried again the next time. */
  #tick(): Promise<void> {
    this.#running ??= this.#steps().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #steps(): Promise<void> {
    try {
      for (const keep of KEEPERS)
        for (let step = 0; step < STEPS_MAX && !this.#stop.signal.aborted; step++) {
          const beganMs = performance.now();
          if (!(await this.#step(keep, false))) break;
          await this.#pause(PAUSE_SHARE * (performance.now() - beganMs));
        }
    } catch (error) {
      this.log.warn('failures and journals could not be taken over into their tables; it is tried again', {}, error);
    }
  }

  /** Ends early when the server stops. */
  #pause(ms: number): Promise<void> {
    return setTimeout(ms, undefined, { signal: this.#stop.signal, ref: false }).catch(() => undefined);
  }

  #step(keep: (client: PoolClient) => Promise<boolean>, waits: boolean): Promise<boolean> {
    return inTransaction(this.pool, async (client) => {
      const { rows } = await client.query<{ mine: boolean }>(waits ? WAIT_FOR_TURN : TAKE_TURN);
      return rows[0]?.mine === true && (await keep(client));
    });
  }
}

const TAKE_TURN = `SELECT pg_try_advisory_xact_lock(hashtext('incident_tables')) AS mine`;
const WAIT_FOR_TURN = `SELECT true AS mine FROM (SELECT pg_advisory_xact_lock(hashtext('incident_tables'))) AS turn`;
