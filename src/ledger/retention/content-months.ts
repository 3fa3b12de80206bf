import type { Queryable } from '../queryable.js';

/**
 * Content of one month of arrival (UTC).
 * @property month its first day, YYYY-MM-DD
 * @property invoices about as many as are there; exact only once Postgres has counted them
 * @property removedAt when retention last removed some of it; null: never
 * @property removed invoices that retention removed, all times together
 */
export interface ContentMonth {
  readonly month: string;
  readonly invoices: number;
  readonly bytes: number;
  readonly removed: number;
  readonly removedAt: Date | null;
}

/** Months of which anything is there or was removed, the oldest first. What lies in `content_default` counts to its month. */
export async function listContentMonths(sql: Queryable): Promise<ContentMonth[]> {
  const { rows } = await sql.query<{
    month: string;
    invoices: string;
    bytes: string;
    removed: string;
    removed_at: Date | null;
  }>(`
    WITH present AS (
      SELECT to_date(right(relname, 7), 'YYYY_MM') AS month, greatest(reltuples, 0)::bigint AS invoices,
             pg_total_relation_size(pg_class.oid) AS bytes
      FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
      WHERE inhparent = 'content'::regclass AND relname ~ '^content_[0-9]{4}_[0-9]{2}$'
      UNION ALL
      SELECT date_trunc('month', registered_at AT TIME ZONE 'UTC')::date, count(*), COALESCE(sum(pg_column_size(payload)), 0)
      FROM content_default GROUP BY 1
    ), gone AS (
      SELECT month, sum(invoices) AS removed, max(removed_at) AS removed_at FROM removed_content GROUP BY month
    )
    SELECT month::text AS month, COALESCE(sum(present.invoices), 0)::text AS invoices, COALESCE(sum(bytes), 0)::text AS bytes,
           COALESCE(max(removed), 0)::text AS removed, max(removed_at) AS removed_at
    FROM present FULL JOIN gone USING (month) GROUP BY month ORDER BY month`);
  return rows.map((row) => ({
    month: row.month,
    invoices: Number(row.invoices),
    bytes: Number(row.bytes),
    removed: Number(row.removed),
    removedAt: row.removed_at,
  }));
}

/**
 * Months before a day in which there is something to remove: not yet removed, or holding what was kept for a hold that is released.
 * @param cutoff first day of the first month that stays, YYYY-MM-DD
 */
export async function listDueMonths(sql: Queryable, cutoff: string): Promise<ContentMonth[]> {
  const months = (await listContentMonths(sql)).filter(({ month }) => month < cutoff);
  const due: ContentMonth[] = [];
  for (const month of months) if (await hasRemovable(sql, month)) due.push(month);
  return due;
}

async function hasRemovable(sql: Queryable, { month, removedAt }: ContentMonth): Promise<boolean> {
  if (removedAt === null) return true;
  const { rows } = await sql.query<{ removable: boolean }>(
    `SELECT EXISTS (
       SELECT FROM content JOIN ledger USING (sequence, registered_at)
       WHERE registered_at >= $1::date::timestamp AT TIME ZONE 'UTC'
         AND registered_at < ($1::date + interval '1 month') AT TIME ZONE 'UTC'
         AND taxpayer_id NOT IN (SELECT taxpayer_id FROM legal_hold WHERE released_at IS NULL)
     ) AS removable`,
    [month],
  );
  return rows[0]?.removable === true;
}
