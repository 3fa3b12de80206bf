import type { Queryable } from './queryable.js';

const MONTH_LENGTH = 'YYYY-MM'.length;

/** When retention removed content, by month of arrival. */
export class RemovedMonths {
  constructor(private readonly removals: ReadonlyMap<string, Date>) {}

  /**
   * When the content of what arrived then was removed last; null: never, and what is missing is missing for another reason.
   * @param registeredAt RFC 3339 in UTC, as rows of the ledger have it
   */
  of(registeredAt: string): Date | null {
    return this.removals.get(registeredAt.slice(0, MONTH_LENGTH)) ?? null;
  }
}

/** Reads all removals; there are some hundred of them in a lifetime. */
export async function readRemovedMonths(sql: Queryable): Promise<RemovedMonths> {
  const { rows } = await sql.query<{ month: string; removed_at: Date }>(
    `SELECT to_char(month, 'YYYY-MM') AS month, max(removed_at) AS removed_at FROM removed_content GROUP BY removed_content.month`,
  );
  return new RemovedMonths(new Map(rows.map((row) => [row.month, row.removed_at])));
}
