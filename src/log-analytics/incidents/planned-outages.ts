import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import type { PlannedOutage, PlannedOutageDraft } from '@tax-control/protocol/console';
import { REPORTS_POOL } from '../../database/database.module.js';
import type { Sql } from '../../registry/sql.js';
import type { View } from '../statistics/scope.js';
import { findOutage, insertOutage, listOutages, scopeIsSeen, withdrawOutage } from './planned-outage-store.js';

/** `isChanged` false: somebody had withdrawn it before. */
export interface WithdrawnOutage {
  readonly outage: PlannedOutage;
  readonly isChanged: boolean;
}

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

  /**
   * Withdraws an outage; who may declare it may withdraw it. Withdrawing again changes nothing.
   * @returns `unknown`: none of this id concerns what the official may see; `too_narrow`: it concerns more than that
   */
  async withdraw(
    plannedOutageId: string,
    officialName: string,
    view: View,
    sql: Sql = this.pool,
  ): Promise<WithdrawnOutage | 'unknown' | 'too_narrow'> {
    const found = await findOutage(sql, plannedOutageId, view);
    if (found === null) return 'unknown';
    // What a scope names may be gone since: the whole country is seen all the same.
    if (view !== 'all' && !(await scopeIsSeen(sql, found, view))) return 'too_narrow';
    const isChanged = await withdrawOutage(sql, plannedOutageId, officialName);
    return { outage: (await findOutage(sql, plannedOutageId, view)) ?? found, isChanged };
  }
}
