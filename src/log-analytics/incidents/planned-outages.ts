import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import type { PlannedOutage, PlannedOutageDraft } from '@tax-control/protocol/console';
import { REPORTS_POOL } from '../../database/database.module.js';
import type { Sql } from '../../registry/sql.js';
import type { View } from '../statistics/scope.js';
import { insertOutage, listOutages, scopeIsSeen, withdrawOutage } from './planned-outage-store.js';

/** Outages that somebody declared, so that they are told from those that nobody wanted. */
@Injectable()
export class PlannedOutages {
  constructor(@Inject(REPORTS_POOL) private readonly pool: Pool) {}

  /** All that concern what the official may see, the newest first, withdrawn ones among them. */
  list(view: View): Promise<readonly PlannedOutage[]> {
    return listOutages(this.pool, view);
  }

  /**
   * @param draft its end lies after its beginning
   * @param sql the session of a transaction, where something else belongs to it
   * @returns null when its scope is not on file, or reaches beyond what the official may see
   */
  async declare(
    draft: PlannedOutageDraft,
    officialName: string,
    view: View,
    sql: Sql = this.pool,
  ): Promise<PlannedOutage | null> {
    if (!(await scopeIsSeen(sql, draft, view))) return null;
    return insertOutage(sql, draft, officialName);
  }

  /** Withdrawing again changes nothing. Null: none of this id concerns what the official may see. */
  withdraw(
    plannedOutageId: string,
    officialName: string,
    view: View,
    sql: Sql = this.pool,
  ): Promise<PlannedOutage | null> {
    return withdrawOutage(sql, plannedOutageId, officialName, view);
  }
}
