import type { SeasonalClosing, SeasonalClosingDraft } from '@tax-control/protocol/console';
import type { Sql } from '../../registry/sql.js';
import type { View } from '../statistics/scope.js';

interface ClosingRow {
  readonly closing_id: string;
  readonly premises_id: string;
  readonly starts_at: Date;
  readonly ends_at: Date;
  readonly reason: string;
  readonly declared_by: string;
  readonly declared_at: Date;
  readonly withdrawn_at: Date | null;
}

/** Closings shown at once. */
const CLOSINGS_MAX = 5_000;
/** `$1` is null for all premises. */
const SEEN = '($1::text[] IS NULL OR premises_id = ANY ($1::text[]))';

/** The newest first, withdrawn ones among them. */
export async function listClosings(sql: Sql, view: View): Promise<readonly SeasonalClosing[]> {
  const { rows } = await sql.query<ClosingRow>(
    `SELECT * FROM seasonal_closing WHERE ${SEEN} ORDER BY starts_at DESC, closing_id LIMIT $2`,
    [view === 'all' ? null : view, CLOSINGS_MAX],
  );
  return rows.map(fromRow);
}

/** Not idempotent. Null: no such premises may be seen. */
export async function insertClosing(
  sql: Sql,
  draft: SeasonalClosingDraft,
  declaredBy: string,
  view: View,
): Promise<SeasonalClosing | null> {
  const { rows } = await sql.query<ClosingRow>(
    `INSERT INTO seasonal_closing (premises_id, starts_at, ends_at, reason, declared_by)
     SELECT premises_id, $3::timestamptz, $4::timestamptz, $5, $6 FROM premises WHERE ${SEEN} AND premises_id = $2
     RETURNING *`,
    [view === 'all' ? null : view, draft.premisesId, draft.start, draft.end, draft.reason, declaredBy],
  );
  return rows[0] === undefined ? null : fromRow(rows[0]);
}

/** `isChanged` false: somebody had withdrawn it before. */
export interface WithdrawnClosing {
  readonly closing: SeasonalClosing;
  readonly isChanged: boolean;
}

/** Idempotent: who withdrew it first stays. Null: none of this id may be seen. */
export async function withdrawClosing(
  sql: Sql,
  closingId: string,
  withdrawnBy: string,
  view: View,
): Promise<WithdrawnClosing | null> {
  const visible = view === 'all' ? null : view;
  const { rowCount } = await sql.query(
    `UPDATE seasonal_closing SET withdrawn_at = now(), withdrawn_by = $3
     WHERE ${SEEN} AND closing_id = $2 AND withdrawn_at IS NULL`,
    [visible, closingId, withdrawnBy],
  );
  const { rows } = await sql.query<ClosingRow>(`SELECT * FROM seasonal_closing WHERE ${SEEN} AND closing_id = $2`, [
    visible,
    closingId,
  ]);
  return rows[0] === undefined ? null : { closing: fromRow(rows[0]), isChanged: rowCount === 1 };
}

function fromRow(row: ClosingRow): SeasonalClosing {
  return {
    closingId: row.closing_id,
    premisesId: row.premises_id,
    start: row.starts_at.toISOString(),
    end: row.ends_at.toISOString(),
    reason: row.reason,
    declaredBy: row.declared_by,
    declaredAt: row.declared_at.toISOString(),
    withdrawnAt: row.withdrawn_at?.toISOString() ?? null,
  };
}
