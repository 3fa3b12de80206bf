import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { Clock, Environment } from '@tax-control/protocol';
import type { Pool } from 'pg';
import type { DatabaseSettings } from '../configuration/settings.js';
import { claimIdentity, readIdentities } from '../database/identity.js';
import { DatabaseNotRecovered, type SessionGuard } from '../database/session-guard.js';
import type { Log } from '../observability/log.js';
import { Throttle } from '../observability/throttle.js';
import { readRecoveryLog, type RecoveryLogReading } from '../recovery-log/read-recovery-log.js';
import { prepareRecoveryLog, type RecoveryLog } from '../recovery-log/recovery-log.js';
import { claimEnvironment } from '../registry/installation.js';
import { NumberMark } from './number-mark.js';
import { withPrivatePool } from './private-pool.js';
import { rebuildStatisticsIfDue } from './rebuild-statistics-due.js';
import { isBelowJump, recover, type RecoveryResult } from './recover.js';

/** A copy that is older by less than this is covered by the margin in any case; each mark is a line of 70 bytes. */
const MARK_INTERVAL_MS = 60_000;
/** How soon tills hear by one instance of a jump that another one made while sessions went on. */
const JUMPS_INTERVAL_MS = 10_000;
/** Every session that is refused asks for the recovery anew; the log of an outage has a line for each of these. */
const COMPLAINT_INTERVAL_MS = 60_000;
/** A server that ends leaves the rest of the sums to the next one. */
const REBUILD_PATIENCE_MS = 2_000;

/** What it works with. `logDirectory`: the recovery log's; null: none is written. */
export interface DatabaseRecoveryParts {
  readonly pool: Pool;
  readonly guard: SessionGuard;
  readonly database: DatabaseSettings;
  readonly environment: Environment;
  readonly logDirectory: string | null;
  readonly recoveryLog: RecoveryLog;
  readonly log: Log;
  readonly clock: Clock;
}

/**
 * Sees to it that nothing is issued on another database than before, or on an older copy of it, until its numbers were moved on: at the start,
 * before the listeners open, and whenever a new session shows another one.
 */
export class DatabaseRecovery implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #mark: NumberMark;
  readonly #complaints = new Throttle(COMPLAINT_INTERVAL_MS);
  #timer: NodeJS.Timeout | undefined;
  #jumpTimer: NodeJS.Timeout | undefined;
  #rebuilding: Promise<void> = Promise.resolve();

  constructor(private readonly parts: DatabaseRecoveryParts) {
    this.#mark = new NumberMark(parts.recoveryLog, parts.environment, parts.clock);
  }

  async onApplicationBootstrap(): Promise<void> {
    const { pool, guard, environment, logDirectory, log } = this.parts;
    if (logDirectory === null)
      log.warn(
        'no recovery log is written: after a restore, tills that were revoked since the backup are active again; set RECOVERY_LOG_DIRECTORY',
      );
    else await prepareRecoveryLog(logDirectory);
    const { present } = await readIdentities(pool);
    if (present === null) throw new DatabaseNotRecovered('standby');
    await claimEnvironment(pool, environment);
    await claimIdentity(pool);
    await this.#recover();
    guard.jumped((await readIdentities(pool)).lastJump);
    guard.watch(() => this.#recoverOrComplain());
    if (logDirectory !== null) this.#timer = setInterval(() => void this.#writeMark(), MARK_INTERVAL_MS).unref();
    this.#jumpTimer = setInterval(() => void this.#hearOfJumps(), JUMPS_INTERVAL_MS).unref();
  }

  /**
   * A number was given, as its receipt proves, and is not on file: unless a jump was made behind it, the database is an older copy that nothing else
   * gave away, and its numbers are moved on now.
   */
  async forgot(number: number): Promise<void> {
    if (await isBelowJump(this.parts.pool, number)) return;
    await this.#recover(number);
    this.parts.guard.jumped((await readIdentities(this.parts.pool)).lastJump);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    clearInterval(this.#jumpTimer);
    if (this.parts.logDirectory !== null) await this.#writeMark();
    await this.parts.guard.idle();
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, REBUILD_PATIENCE_MS);
    });
    await Promise.race([this.#rebuilding, patience]);
    clearTimeout(timer);
  }

  async #recoverOrComplain(): Promise<void> {
    try {
      await this.#recover();
    } catch (error) {
      this.#complain('the database is another one, and its numbers could not be moved on; nothing is issued', error);
    }
  }

  async #recover(numberForgotten?: number): Promise<void> {
    const log = await this.#readLog();
    const result = await withPrivatePool(this.parts.database, (pool) =>
      recover(pool, {
        log,
        saysOperator: false,
        numberKnown: null,
        ...(numberForgotten !== undefined && { numberForgotten }),
      }),
    );
    if (result.result === 'recovered') await this.#tell(result, log);
    this.#rebuilding = this.#rebuildStatistics();
  }

  /** What another instance did; an outage is told where the database is needed. */
  async #hearOfJumps(): Promise<void> {
    const found = await readIdentities(this.parts.pool).catch(() => null);
    if (found !== null) this.parts.guard.jumped(found.lastJump);
  }

  async #readLog(): Promise<RecoveryLogReading | null> {
    const { logDirectory } = this.parts;
    return logDirectory === null ? null : readRecoveryLog(logDirectory);
  }

  async #tell(
    { recovery, replayed }: Extract<RecoveryResult, { result: 'recovered' }>,
    reading: RecoveryLogReading | null,
  ): Promise<void> {
    const facts = { recovery, replayed, unreadable: reading?.unreadable ?? [] };
    if (recovery.why === 'restarted')
      this.parts.log.info('PostgreSQL was started anew: its numbers were moved on', facts);
    else this.parts.log.warn('the database is another one, or an older copy: its numbers were moved on', facts);
    try {
      await this.#mark.writeNumber(recovery.nextNumber - 1);
    } catch (error) {
      // It is done, and in the database; what the log lacks is told to the next restored copy by its margin alone.
      this.#complain('the jump of the numbers could not be written to the recovery log', error);
    }
  }

  /** Beside everything else: reports may be incomplete for a while, issuing may not wait. Never rejects. */
  async #rebuildStatistics(): Promise<void> {
    try {
      const rebuilt = await withPrivatePool(this.parts.database, rebuildStatisticsIfDue);
      if (rebuilt !== null) this.parts.log.info('the sums of reports were made anew after a restore', { rebuilt });
    } catch (error) {
      this.#complain(
        'the sums of reports could not be made anew after a restore; run: tax-control statistics rebuild',
        error,
      );
    }
  }

  async #writeMark(): Promise<void> {
    try {
      await this.#mark.write(this.parts.pool);
    } catch (error) {
      this.#complain('how far the numbers have come could not be written to the recovery log', error);
    }
  }

  #complain(event: string, cause: unknown): void {
    const suppressed = this.#complaints.pass(event);
    if (suppressed !== null) this.parts.log.error(event, { suppressed }, cause);
  }
}
