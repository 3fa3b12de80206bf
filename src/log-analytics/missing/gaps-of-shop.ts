import type { Gap } from '@tax-control/protocol/console';
import type { Sql } from '../../registry/sql.js';
import { type GapRow, GAPS } from './journal-findings.js';
import { viewValues } from './terminals-in-view.js';

/** A gap as it lies there, whatever may still come. */
export type GapOfShop = Omit<Gap, 'mayStillWait'>;

/** Gaps in the counters of a shop's terminals. Whether it may be seen is the caller's to know. */
export async function readGapsOfShop(sql: Sql, premisesId: string): Promise<GapOfShop[]> {
  const { rows } = await sql.query<GapRow>(GAPS.sql, viewValues('all', { premisesIds: [premisesId] }));
  return rows.map((row) => GAPS.toItem(row, { now: 0, limitHours: 0 }));
}
