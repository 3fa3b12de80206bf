import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { REPORTS_POOL } from '../database/database.module.js';
import type { Sql } from '../registry/sql.js';
import { appendToTrail } from './audit-trail-store.js';
import type { AuditedAct } from './audited-act.js';

/** What the trail keeps of who is signed in. */
export interface SignedIn {
  readonly name: string;
  readonly remoteAddress: string;
  readonly requestId: string;
}

/** The record of who did what, which the server can only append to. */
@Injectable()
export class AuditTrail {
  constructor(@Inject(REPORTS_POOL) private readonly pool: Pool) {}

  /**
   * Appends what an official looks at or exports, before the answer goes out: who cannot be recorded gets none. Changes: see
   * src/administration/act.ts.
   * @param sql the session of the change's transaction, where an official changes something of the own account
   * @throws the driver's errors: let them pass
   */
  record({ name, remoteAddress, requestId }: SignedIn, act: AuditedAct, sql: Sql = this.pool): Promise<void> {
    return appendToTrail(sql, { officialName: name, remoteAddress, requestId }, [act]);
  }
}
