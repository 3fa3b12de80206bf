import type { Sql } from '../../registry/sql.js';

/** The first day that stays, YYYY-MM-DD: the beginning of the month (UTC) that began so many years ago, by the database's clock. */
export async function readCutoff(sql: Sql, years: number): Promise<string> {
  const { rows } = await sql.query<{ cutoff: string }>(
    `SELECT (date_trunc('month', now() AT TIME ZONE 'UTC') - make_interval(years => $1))::date::text AS cutoff`,
    [years],
  );
  if (rows[0] === undefined) throw new Error('SELECT without FROM gave no row');
  return rows[0].cutoff;
}
