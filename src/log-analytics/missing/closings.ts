import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import type { SeasonalClosing, SeasonalClosingDraft } from '@tax-control/protocol/console';
import { REPORTS_POOL } from '../../database/database.module.js';
import type { Sql } from '../../registry/sql.js';
import type { View } from '../statistics/scope.js';
import { insertClosing, listClosings, withdrawClosing, type WithdrawnClosing } from './closing-store.js';

/** Seasons in which a shop is closed, so that its silence is no sign of anything. */
@Injectable()
export class Closings {
  constructor(@Inject(REPORTS_POOL) private readonly pool: Pool) {}

  /** Of the premises that the official may see, the newest first, withdrawn ones among them. */
  list(view: View): Promise<readonly SeasonalClosing[]> {
    return listClosings(this.pool, view);
  }

  /** @param draft its end lies after its beginning. Null: no such premises, or none that the official may see */
  declare(
    draft: SeasonalClosingDraft,
    officialName: string,
    view: View,
    sql: Sql = this.pool,
  ): Promise<SeasonalClosing | null> {
    return insertClosing(sql, draft, officialName, view);
  }

  /** Withdrawing again changes nothing. Null: none of this id that the official may see. */
  withdraw(
    closingId: string,
    officialName: string,
    view: View,
    sql: Sql = this.pool,
  ): Promise<WithdrawnClosing | null> {
    return withdrawClosing(sql, closingId, officialName, view);
  }
}
