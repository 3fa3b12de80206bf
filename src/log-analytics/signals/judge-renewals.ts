import type { Sql } from '../../registry/sql.js';
import type { View } from '../statistics/scope.js';
import type { FoundSignal, TillInMonth } from './judge-month.js';
import { SIGNAL_RULE } from './rules.js';

/** A till with renewals in a month that no till of ours makes by itself. */
export interface UnusualRenewals extends TillInMonth {
  /** For a new key, long before the certificate's end. */
  readonly early: number;
  /** For a new key, from a certificate that was renewed for another one before. */
  readonly repeated: number;
}

/**
 * Tills in view whose certificates were renewed as a thief would do it: early, or a second time beside the till itself. Such a till
 * need not have sold anything in the month. @param firstMonth, @param lastMonth YYYY-MM-01, both inclusive, by UTC
 */
export async function readUnusualRenewals(
  sql: Sql,
  view: View,
  firstMonth: string,
  lastMonth: string,
): Promise<readonly UnusualRenewals[]> {
  const { rows } = await sql.query<UnusualRenewals>(READ, [
    view === 'all' ? null : view,
    firstMonth,
    lastMonth,
    SIGNAL_RULE.lifeLeftMin,
  ]);
  return rows;
}

/** The signals of renewals. A pure function. */
export function judgeRenewals(found: readonly UnusualRenewals[]): FoundSignal[] {
  return found.map(({ early, repeated, ...month }) => ({
    rule: 'unusual_renewal',
    month,
    measured: early + repeated,
    threshold: SIGNAL_RULE.renewalsMin,
    facts: [
      { name: 'early', value: early },
      { name: 'repeated', value: repeated },
    ],
  }));
}

/** A renewal that is both counts as early. */
const READ = `
  WITH renewal AS (
    SELECT child.terminal_id, date_trunc('month', child.issued_at AT TIME ZONE 'UTC')::date AS month,
           parent.not_after - child.issued_at > $4::float8 * (parent.not_after - parent.not_before) AS early,
           EXISTS (
             SELECT FROM terminal_certificate AS sibling
             WHERE sibling.terminal_id = child.terminal_id AND sibling.parent = child.parent
               AND sibling.way = 'renewal_new_key' AND sibling.issued_at < child.issued_at
           ) AS repeated
    FROM terminal_certificate AS child JOIN terminal_certificate AS parent ON parent.thumbprint = child.parent
    WHERE child.way = 'renewal_new_key'
      AND child.issued_at >= $2::date::timestamp AT TIME ZONE 'UTC'
      AND child.issued_at < ($3::date + interval '1 month') AT TIME ZONE 'UTC'
  )
  SELECT terminal_id AS "terminalId", premises_id AS "premisesId", premises.name AS "premisesName",
         taxpayer_id AS "taxpayerId", region, activity, month::text AS month,
         (count(*) FILTER (WHERE early))::integer AS early,
         (count(*) FILTER (WHERE repeated AND NOT early))::integer AS repeated
  FROM renewal JOIN terminal USING (terminal_id) JOIN premises USING (premises_id, taxpayer_id)
  WHERE (early OR repeated) AND ($1::text[] IS NULL OR premises_id = ANY ($1::text[]))
  GROUP BY terminal_id, premises_id, premises.name, taxpayer_id, region, activity, month`;
