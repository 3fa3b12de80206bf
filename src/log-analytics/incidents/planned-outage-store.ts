import type { PlannedOutage, PlannedOutageDraft } from '@tax-control/protocol/console';
import type { Sql } from '../../registry/sql.js';
import { premisesValue, type SeenPremises } from './failure-store.js';

interface OutageRow {
  readonly planned_outage_id: string;
  readonly starts_at: Date;
  readonly ends_at: Date;
  readonly scope: PlannedOutage['scope'];
  readonly scope_id: string | null;
  readonly reason: string;
  readonly declared_by: string;
  readonly declared_at: Date;
  readonly withdrawn_at: Date | null;
}

/** Outages shown at once: more than an office declares in a year. */
const OUTAGES_MAX = 1_000;

/** Whether a declared outage concerns any premises that may be seen: `$1` is null for all of them. */
const CONCERNS_SEEN = `($1::text[] IS NULL OR scope = 'all' OR EXISTS (
  SELECT FROM premises
  WHERE premises_id = ANY ($1::text[]) AND (
      (scope = 'region' AND region = scope_id) OR (scope = 'taxpayer' AND taxpayer_id = scope_id)
      OR (scope = 'premises' AND premises_id = scope_id)
      OR (scope = 'terminal' AND EXISTS (
            SELECT FROM terminal WHERE terminal_id = scope_id AND terminal.premises_id = premises.premises_id))
    )
))`;

/** Declared outages, the newest first; those alone that overlap a period if one is given, then without withdrawn ones. */
export async function listOutages(
  sql: Sql,
  premises: SeenPremises,
  period: { readonly fromMs: number; readonly toMs: number } | null = null,
): Promise<readonly PlannedOutage[]> {
  const { rows } = await sql.query<OutageRow>(
    `SELECT * FROM planned_outage
     WHERE ${CONCERNS_SEEN} AND ($2::timestamptz IS NULL OR (ends_at > $2 AND starts_at < $3 AND withdrawn_at IS NULL))
     ORDER BY starts_at DESC, planned_outage_id LIMIT $4`,
    [
      premisesValue(premises),
      period === null ? null : new Date(period.fromMs),
      period === null ? null : new Date(period.toMs),
      OUTAGES_MAX,
    ],
  );
  return rows.map(fromRow);
}

/** Not idempotent: declared twice, it is there twice. */
export async function insertOutage(sql: Sql, draft: PlannedOutageDraft, declaredBy: string): Promise<PlannedOutage> {
  const { rows } = await sql.query<OutageRow>(
    `INSERT INTO planned_outage (starts_at, ends_at, scope, scope_id, reason, declared_by)
     VALUES ($1, $2, $3, $4, $5, $6) RETURNING *`,
    [draft.start, draft.end, draft.scope, draft.scopeId, draft.reason, declaredBy],
  );
  if (rows[0] === undefined) throw new Error('INSERT … RETURNING gave no row');
  return fromRow(rows[0]);
}

/** An outage that concerns something of what may be seen, or null. */
export async function findOutage(
  sql: Sql,
  plannedOutageId: string,
  premises: SeenPremises,
): Promise<PlannedOutage | null> {
  const { rows } = await sql.query<OutageRow>(
    `SELECT * FROM planned_outage WHERE planned_outage_id = $2 AND ${CONCERNS_SEEN}`,
    [premisesValue(premises), plannedOutageId],
  );
  return rows[0] === undefined ? null : fromRow(rows[0]);
}

/** Idempotent: who withdrew it first stays. @returns whether this withdrew it */
export async function withdrawOutage(sql: Sql, plannedOutageId: string, withdrawnBy: string): Promise<boolean> {
  const { rowCount } = await sql.query(
    `UPDATE planned_outage SET withdrawn_at = now(), withdrawn_by = $2
     WHERE planned_outage_id = $1 AND withdrawn_at IS NULL`,
    [plannedOutageId, withdrawnBy],
  );
  return rowCount === 1;
}

/** Whether all that a scope names is there and may be seen; `all` only by who sees everything. */
export async function scopeIsSeen(
  sql: Sql,
  { scope, scopeId }: Pick<PlannedOutageDraft, 'scope' | 'scopeId'>,
  premises: SeenPremises,
): Promise<boolean> {
  if (scope === 'all') return premises === 'all' && scopeId === null;
  if (scopeId === null) return false;
  const { rows } = await sql.query<{ known: number; hidden: number }>(
    `SELECT count(*)::integer AS known,
            count(*) FILTER (WHERE NOT ($1::text[] IS NULL OR premises_id = ANY ($1::text[])))::integer AS hidden
     FROM premises
     WHERE ($2 = 'region' AND region = $3) OR ($2 = 'taxpayer' AND taxpayer_id = $3) OR ($2 = 'premises' AND premises_id = $3)
        OR ($2 = 'terminal' AND premises_id = (SELECT premises_id FROM terminal WHERE terminal_id = $3))`,
    [premisesValue(premises), scope, scopeId],
  );
  return rows[0] !== undefined && rows[0].known > 0 && rows[0].hidden === 0;
}

function fromRow(row: OutageRow): PlannedOutage {
  return {
    plannedOutageId: row.planned_outage_id,
    start: row.starts_at.toISOString(),
    end: row.ends_at.toISOString(),
    scope: row.scope,
    scopeId: row.scope_id,
    reason: row.reason,
    declaredBy: row.declared_by,
    declaredAt: row.declared_at.toISOString(),
    withdrawnAt: row.withdrawn_at?.toISOString() ?? null,
  };
}
