import type { Pool } from 'pg';
import type { Filter, Step } from '@tax-control/protocol/console';
import type { View } from '../../src/log-analytics/statistics/scope.js';

/** What is counted anew from the raw rows, by SQL that shares nothing with the statistics'. */
export interface Recount {
  /** Milliseconds since 1970. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly zone: string;
  readonly step: Step;
  readonly filter: Filter;
  readonly view: View;
}

export interface RecountRow {
  /** Local time at which the step began, or the first it could have begun. */
  readonly step: string;
  readonly weekday: number;
  readonly hour: number;
  readonly terminalId: string;
  readonly door: string;
  readonly outcome: string;
  readonly cause: string;
  readonly connectMs: number | null;
  readonly tlsMs: number | null;
  readonly answerMs: number | null;
  readonly totalMs: number | null;
}

/** Causes that the version under test knows, as far as the tests use them, and their groups. */
export const KNOWN_CAUSES: Readonly<Record<string, string>> = {
  connection_refused: 'network',
  answer_timeout: 'network',
  server_busy: 'server',
  certificate_expired: 'authentication',
  line_arithmetic: 'refused',
  clock_wrong: 'till',
};

/** Every attempt of the span, one row each; a sale that was asked again was none. */
export async function recount(
  superuser: Pool,
  { fromMs, toMs, zone, step, filter, view }: Recount,
): Promise<RecountRow[]> {
  const { rows } = await superuser.query<RecountRow>(
    `WITH said AS (
       SELECT terminal_id, entry_id AS id, at, received_at, door, outcome, cause, connect_ms, tls_ms, answer_ms, total_ms
       FROM transaction_log_entry
       UNION ALL
       SELECT terminal_id, attempt_id, at, at, door, outcome, cause, NULL, NULL, NULL, NULL FROM server_event
       WHERE (terminal_id, attempt_id) NOT IN (SELECT terminal_id, entry_id FROM transaction_log_entry)
     ), attempt AS (
       SELECT said.*, premises.region, premises.premises_id, premises.taxpayer_id,
         CASE WHEN outcome LIKE '%issued' THEN '' WHEN cause = ANY($5::text[]) THEN cause ELSE 'unknown' END AS counted
       FROM said JOIN terminal USING (terminal_id) JOIN premises ON premises.premises_id = terminal.premises_id
       WHERE outcome <> 'repeated' AND at > received_at - interval '17568 hours' AND at < received_at + interval '25 hours'
     )
     SELECT to_char(greatest(date_trunc($4, at, $3), to_timestamp($1 / 1000.0)) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS step,
       extract(isodow FROM at AT TIME ZONE $3)::integer AS weekday, extract(hour FROM at AT TIME ZONE $3)::integer AS hour,
       terminal_id AS "terminalId", door, outcome, counted AS cause, connect_ms::integer AS "connectMs", tls_ms::integer AS "tlsMs",
       answer_ms::integer AS "answerMs", total_ms::integer AS "totalMs"
     FROM attempt
     WHERE at >= to_timestamp($1 / 1000.0) AND at < to_timestamp($2 / 1000.0)
       AND ($6::text[] IS NULL OR premises_id = ANY($6)) AND ($7::text[] IS NULL OR region = ANY($7))
       AND ($8::text[] IS NULL OR taxpayer_id = ANY($8)) AND ($9::text[] IS NULL OR premises_id = ANY($9))
       AND ($10::text[] IS NULL OR terminal_id = ANY($10)) AND ($11::text IS NULL OR door = $11)`,
    [
      fromMs,
      toMs,
      zone,
      step,
      Object.keys(KNOWN_CAUSES),
      view === 'all' ? null : view,
      filter.regions,
      filter.taxpayerIds,
      filter.premisesIds,
      filter.terminalIds,
      filter.door,
    ],
  );
  return rows;
}

/** Whether the filter's causes let a counted cause through. */
export function letsThrough({ causes, causeGroups }: Filter, cause: string): boolean {
  const group = cause === 'unknown' ? 'till' : KNOWN_CAUSES[cause];
  const inGroup = causeGroups === undefined || (group !== undefined && causeGroups.some((one) => one === group));
  return inGroup && (causes === undefined || causes.includes(cause));
}
