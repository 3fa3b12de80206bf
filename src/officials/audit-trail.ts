import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import type { AuditAction } from '@tax-control/protocol/console';
import { REPORTS_POOL } from '../database/database.module.js';
import type { Sql } from '../registry/sql.js';
import { appendToTrail } from '../audit-trail/audit-trail-store.js';
import type { SignedInOfficial } from './signed-in-official.js';

/**
 * One act.
 * @property subject whom or what it concerned, by id: a terminal, a taxpayer, an official's name
 * @property reason as the official gave it
 * @property facts names and figures that say what exactly was done; never a secret
 */
export interface AuditedAct {
  readonly action: AuditAction;
  readonly subject?: string;
  readonly reason?: string;
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** The record of who did what, which the server can only append to. */
@Injectable()
export class AuditTrail {
  constructor(@Inject(REPORTS_POOL) private readonly pool: Pool) {}

  /**
   * Appends one act. For a change: inside its transaction, so that neither is there without the other. For a look-up or an
   * export: before the answer goes out; who cannot be recorded gets none.
   * @param sql the session of the change's transaction
   * @throws the driver's errors: let them pass
   */
  record(official: SignedInOfficial, act: AuditedAct, sql: Sql = this.pool): Promise<void> {
    const { name, remoteAddress, requestId } = official;
    return appendToTrail(sql, { ...act, officialName: name, remoteAddress, requestId });
  }
}
