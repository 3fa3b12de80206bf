import type { Pool, PoolClient } from 'pg';
import { isProblem, type Problem } from '@tax-control/protocol';
import { appendToTrail } from '../audit-trail/audit-trail-store.js';
import type { AuditedAct } from '../audit-trail/audited-act.js';
import { inTransaction } from '../database/transaction.js';
import type { RecoveryEntry } from '../recovery-log/entries.js';
import type { RecoveryLog } from '../recovery-log/recovery-log.js';
import { type Actor, signatureOf } from './actor.js';

/**
 * What an act came to.
 * @property result what the door tells
 * @property trail entries of the audit trail; none, if the act changed nothing
 * @property recovery entries of the recovery log: what a restored database must be told again
 */
export interface Acted<Result> {
  readonly result: Result;
  readonly trail: readonly AuditedAct[];
  readonly recovery?: readonly RecoveryEntry[];
}

/** Performs what operators and administrators do, by whichever door. */
export class Acts {
  constructor(
    private readonly pool: Pool,
    private readonly recoveryLog: RecoveryLog,
  ) {}

  /**
   * Performs one act in one transaction: rule, change, audit trail, recovery log. The recovery log comes last, because what stands in
   * it comes back after a restore: nothing that can still fail may follow, except COMMIT.
   *
   * @param act judges the rules and changes what they allow, or returns the problem of the rule that forbids it
   * @returns the act's result, or its problem; then nothing was changed
   * @throws RecoveryLogUnavailable, OutcomeUnknown and the driver's errors
   */
  async perform<Result>(
    actor: Actor,
    act: (sql: PoolClient) => Promise<Acted<Result> | Problem>,
  ): Promise<Result | Problem> {
    try {
      return await inTransaction(this.pool, async (sql) => {
        const acted = await act(sql);
        if (isProblem(acted)) throw new Refused(acted);
        await appendToTrail(sql, signatureOf(actor), acted.trail);
        await this.recoveryLog.append(...(acted.recovery ?? []));
        return acted.result;
      });
    } catch (error) {
      if (error instanceof Refused) return error.problem;
      throw error;
    }
  }
}

/** Rolls back what an act had changed before it was refused. */
class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.title);
  }
}
