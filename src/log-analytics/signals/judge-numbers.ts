import type { Sql } from '../../registry/sql.js';
import type { View } from '../statistics/scope.js';
import type { FoundSignal, TillInMonth } from './judge-month.js';
import { SIGNAL_RULE } from './rules.js';

/** A till that gave numbers of the shop again in a month. */
export interface NumbersUsedAgain extends TillInMonth {
  /** Invoices whose number stood on another one before. */
  readonly again: number;
  /** Different numbers among them. */
  readonly numbers: number;
}

/** Tills in view with invoices that bear the warning `number_used_before`. @param firstMonth, @param lastMonth YYYY-MM-01, both inclusive */
export async function readNumbersUsedAgain(
  sql: Sql,
  view: View,
  firstMonth: string,
  lastMonth: string,
): Promise<readonly NumbersUsedAgain[]> {
  const { rows } = await sql.query<NumbersUsedAgain>(READ, [view === 'all' ? null : view, firstMonth, lastMonth]);
  return rows;
}

/** The signals of numbers. A pure function. */
export function judgeNumbers(found: readonly NumbersUsedAgain[]): FoundSignal[] {
  return found
    .filter(({ again }) => again >= SIGNAL_RULE.numbersAgainMin)
    .map(({ again, numbers, ...month }) => ({
      rule: 'numbers_used_again',
      month,
      measured: again,
      threshold: SIGNAL_RULE.numbersAgainMin,
      facts: [{ name: 'numbers', value: numbers }],
    }));
}

// The index `invoice_warning_number` holds these warnings alone, which are few.
const READ = `
  WITH again AS (
    SELECT terminal_id, date_trunc('month', business_day)::date AS month, COALESCE(number_key, number) AS number
    FROM invoice_warning JOIN ledger USING (sequence)
    WHERE warning = 'number_used_before' AND business_day >= $2::date AND business_day < $3::date + interval '1 month'
  )
  SELECT terminal_id AS "terminalId", premises_id AS "premisesId", premises.name AS "premisesName",
         taxpayer_id AS "taxpayerId", region, activity, month::text AS month,
         count(*)::integer AS again, count(DISTINCT number)::integer AS numbers
  FROM again JOIN terminal USING (terminal_id) JOIN premises USING (premises_id, taxpayer_id)
  WHERE $1::text[] IS NULL OR premises_id = ANY ($1::text[])
  GROUP BY terminal_id, premises_id, premises.name, taxpayer_id, region, activity, month`;
