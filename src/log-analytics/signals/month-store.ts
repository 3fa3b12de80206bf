import type { Sql } from '../../registry/sql.js';
import type { View } from '../statistics/scope.js';
import type { TerminalMonth } from './judge-month.js';

/** Everything of a month but what incidents tell. */
export type CountedMonth = Omit<TerminalMonth, 'aloneTimes' | 'aloneMinutes'>;

/** Tills in view with their months. @param firstMonth, @param lastMonth YYYY-MM-01, both inclusive */
export async function readMonths(
  sql: Sql,
  view: View,
  firstMonth: string,
  lastMonth: string,
): Promise<readonly CountedMonth[]> {
  const { rows } = await sql.query<CountedMonth>(READ_MONTHS, [view === 'all' ? null : view, firstMonth, lastMonth]);
  return rows;
}

const READ_MONTHS = `
  WITH closing AS (
    SELECT date_trunc('month', business_day)::date AS month, terminal_id, count(*)::integer AS days,
           sum(taken_back_after)::integer AS taken_back
    FROM terminal_closing
    WHERE taken_back_after > 0 AND business_day >= $2::date AND business_day < $3::date + interval '1 month'
    GROUP BY 1, 2
  )
  SELECT terminal_id AS "terminalId", premises_id AS "premisesId", premises.name AS "premisesName",
         taxpayer_id AS "taxpayerId", region, activity, month::text AS month, sales, refunds, voids, trainings,
         without_original AS "withoutOriginal", backwards, backwards_seconds_max::float8 AS "backwardsSecondsMax",
         COALESCE(closing.days, 0) AS "closingDays", COALESCE(closing.taken_back, 0) AS "takenBackAfterClosing"
  FROM terminal_month
  JOIN terminal USING (terminal_id) JOIN premises USING (premises_id, taxpayer_id)
  LEFT JOIN closing USING (month, terminal_id)
  WHERE month BETWEEN $2::date AND $3::date AND ($1::text[] IS NULL OR premises_id = ANY ($1::text[]))`;

/** What an official thought of a signal, the newest word. */
export interface StoredMark {
  readonly mark: 'open' | 'harmless' | 'to_follow';
  readonly markedBy: string;
  readonly markedAt: Date;
  readonly note: string;
}

/** The newest mark of each signal that has one. */
export async function readMarks(sql: Sql, signalIds: readonly string[]): Promise<ReadonlyMap<string, StoredMark>> {
  if (signalIds.length === 0) return new Map();
  const { rows } = await sql.query<StoredMark & { readonly signalId: string }>(
    `SELECT DISTINCT ON (signal_id) signal_id AS "signalId", mark, marked_by AS "markedBy", marked_at AS "markedAt", note
     FROM signal_mark WHERE signal_id = ANY ($1::text[]) ORDER BY signal_id, mark_id DESC`,
    [signalIds],
  );
  return new Map(rows.map((row) => [row.signalId, row]));
}

/** Appends a mark; none is changed or taken away. Not idempotent: set twice, it is there twice. */
export async function insertMark(
  sql: Sql,
  signalId: string,
  mark: Pick<StoredMark, 'mark' | 'note'>,
  markedBy: string,
): Promise<void> {
  await sql.query('INSERT INTO signal_mark (signal_id, mark, note, marked_by) VALUES ($1, $2, $3, $4)', [
    signalId,
    mark.mark,
    mark.note,
    markedBy,
  ]);
}
