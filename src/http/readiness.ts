import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { Clock } from '@tax-control/protocol';
import { DATABASE_POOL } from '../database/database.module.js';
import { assertDatabaseFit, DatabaseUnfit } from '../database/durability.js';
import { LookUps } from '../database/look-ups.js';
import { DatabaseNotRecovered } from '../database/session-guard.js';
import { judgeValidity } from '../keys/judge-validity.js';
import { KeyRing } from '../keys/key-ring.js';
import { TerminalListener } from '../keys/terminal-listener.js';
import { ReadinessChecks } from '../observability/readiness-checks.js';
import { Listeners } from './listeners.js';

/** What was looked at, and what is wrong with it in words for the operator; null: nothing. */
export interface ReadinessCheck {
  readonly name: string;
  readonly fault: string | null;
}

export interface ReadinessReport {
  readonly status: 'ready' | 'not_ready';
  readonly checks: readonly ReadinessCheck[];
}

/** A load balancer asks every few seconds and gives up after about three; the question must not outlive its answer. */
const DATABASE_ANSWER_MS = 2_000;

/** Whether this instance can issue codes now: its listeners are open, its database is there and fit and takes lists, its keys are loaded. */
@Injectable()
export class Readiness {
  #databaseCheck: Promise<string | null> | undefined;
  readonly #database: LookUps;

  constructor(
    @Inject(DATABASE_POOL) pool: Pool,
    private readonly keys: KeyRing,
    private readonly terminalListener: TerminalListener,
    private readonly listeners: Listeners,
    private readonly others: ReadinessChecks,
    private readonly clock: Clock,
  ) {
    this.#database = new LookUps(pool);
  }

  /** Whether it can do everything. */
  async report(): Promise<ReadinessReport> {
    const keys = keysFault(this.keys, this.terminalListener, new Date(this.clock.now()));
    const others = [{ name: 'keys', fault: keys }, ...this.others.read()];
    return reportOf([...(await this.#common()), ...others]);
  }

  /**
   * Whether it can answer what the public listener is asked, also while no codes can be given: a fault of the database that all instances share
   * must not take the customers' pages away, too.
   */
  async pages(): Promise<ReadinessReport> {
    return reportOf(await this.#common());
  }

  async #common(): Promise<ReadinessCheck[]> {
    return [
      { name: 'listeners', fault: this.listeners.isClosing ? 'The server is stopping.' : null },
      { name: 'database', fault: await this.#databaseFault() },
    ];
  }

  /** One question at a time: while the database hangs, further askers wait for the same answer and open no connections. */
  async #databaseFault(): Promise<string | null> {
    this.#databaseCheck ??= this.#askDatabase().finally(() => {
      this.#databaseCheck = undefined;
    });
    const patience = new AbortController();
    const slow = delay(DATABASE_ANSWER_MS, `The database did not answer within ${DATABASE_ANSWER_MS} ms.`, {
      signal: patience.signal,
    }).catch(() => null);
    const fault = await Promise.race([this.#databaseCheck, slow]);
    patience.abort();
    return fault;
  }

  async #askDatabase(): Promise<string | null> {
    try {
      await assertDatabaseFit(this.#database, { mayBeAhead: true });
      return null;
    } catch (error) {
      const isTold = error instanceof DatabaseUnfit || error instanceof DatabaseNotRecovered;
      return isTold ? error.message : 'The database cannot be reached.';
    }
  }
}

function reportOf(checks: readonly ReadinessCheck[]): ReadinessReport {
  return { status: checks.every(({ fault }) => fault === null) ? 'ready' : 'not_ready', checks };
}

/** Without the web certificate tills go on; without one of the others no till believes this server. */
function keysFault(keys: KeyRing, listener: TerminalListener, now: Date): string | null {
  if (keys.trustedKeys().length === 0) return 'No key signs receipts.';
  for (const entry of listener.list()) {
    const isNeeded = entry.use === 'in_use' && entry.kind !== 'public_listener';
    const validity = isNeeded ? judgeValidity(entry, now) : null;
    if (validity?.state === 'expired' || validity?.state === 'not_yet_valid')
      return `${validity.seen} ${validity.advice}`;
  }
  return null;
}
