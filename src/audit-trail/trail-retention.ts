import type { Sql } from '../registry/sql.js';

const DUE = `at < now() - make_interval(years => $1) AND NOT EXISTS (SELECT FROM legal_hold WHERE released_at IS NULL)`;

/** Entries of the audit trail that are older than so many years; none while any legal hold is in force: nobody knows which it needs. */
export async function countDueTrail(sql: Sql, years: number): Promise<number> {
  const { rows } = await sql.query<{ count: string }>(`SELECT count(*) FROM audit_trail WHERE ${DUE}`, [years]);
  return Number(rows[0]?.count);
}

/** Deletes them. Needs the tables' owner: no role of ours may. @returns how many */
export async function cutTrail(sql: Sql, years: number): Promise<number> {
  const { rowCount } = await sql.query(`DELETE FROM audit_trail WHERE ${DUE}`, [years]);
  return rowCount ?? 0;
}
