import { Inject, Injectable } from '@nestjs/common';
import type { Pool, PoolClient } from 'pg';
import { type Problem, problem } from '@tax-control/protocol';
import { REPORTS_POOL } from '../database/database.module.js';
import { inTransaction } from '../database/transaction.js';
import { type AuditedAct, AuditTrail } from '../officials/audit-trail.js';
import type { SignedInOfficial } from '../officials/signed-in-official.js';

/** Does what an official asks for and records it in one transaction: neither is there without the other. */
@Injectable()
export class RecordedActs {
  constructor(
    @Inject(REPORTS_POOL) private readonly pool: Pool,
    private readonly trail: AuditTrail,
  ) {}

  /**
   * @param work null where there is nothing of the kind within the official's view; then nothing is recorded
   * @param actOf what to record of what came of it
   */
  perform<Result>(
    official: SignedInOfficial,
    work: (client: PoolClient) => Promise<Result | null>,
    actOf: (result: Result) => AuditedAct,
  ): Promise<Result | Problem> {
    return inTransaction(this.pool, async (client) => {
      const result = await work(client);
      if (result === null) return problem('not_on_file');
      await this.trail.record(official, actOf(result), client);
      return result;
    });
  }
}
