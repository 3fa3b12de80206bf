import type { Sql } from '../../registry/sql.js';
import type { View } from '../statistics/scope.js';
import type { FoundSignal, TillInMonth } from './judge-month.js';
import { SIGNAL_RULE } from './rules.js';

/** A till of which receipts were looked up in a month that are still not on file. */
export interface LookedUpInVain extends TillInMonth {
  /** Nothing proves that the till signed them: somebody may have invented them. */
  readonly unsigned: number;
  /** The till signed them, longer ago than `notReportedDaysMin`. */
  readonly signed: number;
}

/** Tills in view with such receipts. @param firstMonth, @param lastMonth YYYY-MM-01 of the look-up by UTC, both inclusive */
export async function readLookedUpInVain(
  sql: Sql,
  view: View,
  firstMonth: string,
  lastMonth: string,
): Promise<readonly LookedUpInVain[]> {
  const { rows } = await sql.query<LookedUpInVain>(READ, [
    view === 'all' ? null : view,
    firstMonth,
    lastMonth,
    SIGNAL_RULE.notReportedDaysMin,
  ]);
  return rows;
}

/** The signals of look-ups. A pure function. */
export function judgeLookUps(found: readonly LookedUpInVain[]): FoundSignal[] {
  const { inventedMin: invented, notReportedMin: notReported } = SIGNAL_RULE;
  return found.flatMap(({ unsigned, signed, ...month }): FoundSignal[] => [
    ...(unsigned < invented
      ? []
      : [{ rule: 'receipts_invented', month, measured: unsigned, threshold: invented, facts: [] } as const]),
    ...(signed < notReported
      ? []
      : [{ rule: 'receipts_not_reported', month, measured: signed, threshold: notReported, facts: [] } as const]),
  ]);
}

// A receipt that was looked up with and without its proof counts as signed. What was refused was reported.
const READ = `
  WITH vain AS (
    SELECT terminal_id, date_trunc('month', min(looked_up_at) AT TIME ZONE 'UTC')::date AS month, bool_or(signed) AS signed,
           max(sold_at) AS sold_at
    FROM receipt_look_up
    WHERE looked_up_at >= $2::date::timestamp AT TIME ZONE 'UTC'
      AND looked_up_at < ($3::date + interval '1 month') AT TIME ZONE 'UTC'
      AND NOT EXISTS (SELECT FROM ledger WHERE ledger.terminal_id = receipt_look_up.terminal_id
                        AND ledger.invoice_id = receipt_look_up.invoice_id)
      AND NOT EXISTS (SELECT FROM refused_invoice WHERE refused_invoice.terminal_id = receipt_look_up.terminal_id
                        AND refused_invoice.invoice_id = receipt_look_up.invoice_id)
    GROUP BY terminal_id, invoice_id
  )
  SELECT terminal_id AS "terminalId", premises_id AS "premisesId", premises.name AS "premisesName",
         taxpayer_id AS "taxpayerId", region, activity, month::text AS month,
         (count(*) FILTER (WHERE NOT signed))::integer AS unsigned,
         (count(*) FILTER (WHERE signed AND sold_at < now() - make_interval(days => $4)))::integer AS signed
  FROM vain JOIN terminal USING (terminal_id) JOIN premises USING (premises_id, taxpayer_id)
  WHERE $1::text[] IS NULL OR premises_id = ANY ($1::text[])
  GROUP BY terminal_id, premises_id, premises.name, taxpayer_id, region, activity, month`;
