import type { Snapshot } from './snapshot.js';
import { differencesOf, type KeptSum, keptValues, SUMS_PER_PAGE } from './sums.js';
import type { Tally } from './verdict.js';

/** Sums of attempts that are kept, and whether with histograms of their durations (docs/decisions/0013). */
const KEPT: readonly (KeptSum & { readonly timed: boolean })[] = [
  { level: 'all', grain: 'quarter', timed: false },
  { level: 'all', grain: 'hour', timed: true },
  { level: 'all', grain: 'day', timed: true },
  { level: 'all', grain: 'week', timed: true },
  { level: 'region', grain: 'quarter', timed: false },
  { level: 'region', grain: 'hour', timed: true },
  { level: 'region', grain: 'day', timed: true },
  { level: 'region', grain: 'week', timed: true },
  { level: 'taxpayer', grain: 'hour', timed: false },
  { level: 'taxpayer', grain: 'day', timed: true },
  { level: 'premises', grain: 'hour', timed: false },
  { level: 'premises', grain: 'day', timed: true },
  { level: 'terminal', grain: 'day', timed: true },
  { level: 'terminal', grain: 'week', timed: false },
];

/** Each measured in a till's entries, with its histogram and its longest in the sums. */
const DURATIONS = ['connect', 'tls', 'answer', 'total'] as const;
type Duration = (typeof DURATIONS)[number];

const eachDuration = (sqlOf: (duration: Duration) => string): string => DURATIONS.map(sqlOf).join(', ');

/** What tills said, and what the server saw of which no till has said anything; times that no clock can have meant left out. */
const RECOUNT_SQL = `
  WITH said AS (
    SELECT terminal_id, at, door, outcome, counted_cause AS cause, ${eachDuration((name) => `${name}_ms`)}
    FROM transaction_log_entry
    -- A difference of two times has days of 24 hours; a time minus days has those of the session's zone.
    WHERE at - received_at BETWEEN interval '-731 days' AND interval '1 day'
    UNION ALL
    SELECT event.terminal_id, event.at, event.door, event.outcome, event.cause, ${eachDuration(() => 'NULL')}
    FROM server_event AS event
    LEFT JOIN transaction_log_entry AS entry
      ON entry.terminal_id = event.terminal_id AND entry.entry_id = event.attempt_id
    WHERE entry.entry_id IS NULL
  ), quarter AS MATERIALIZED (
    SELECT terminal_id, floor(extract(epoch FROM at) / 900) * 900 AS epoch, door, outcome, cause, count(*) AS attempts,
      ${eachDuration((name) => `count(${name}_ms) AS ${name}_measured, max(${name}_ms) AS ${name}_longest`)}
    FROM said
    GROUP BY 1, 2, 3, 4, 5
  ), recount AS (
    SELECT kept.level, kept.grain, unit.id, floor(epoch / kept.seconds) * kept.seconds AS epoch, door, outcome, cause,
      sum(attempts) AS attempts,
      ${eachDuration(
        (name) => `CASE WHEN kept.timed THEN sum(${name}_measured) ELSE 0 END AS ${name}_measured,
          CASE WHEN kept.timed THEN max(${name}_longest) END AS ${name}_longest`,
      )}
    FROM quarter
    JOIN terminal USING (terminal_id)
    JOIN premises ON premises.premises_id = terminal.premises_id
    CROSS JOIN LATERAL (VALUES ('all', ''), ('region', premises.region), ('taxpayer', terminal.taxpayer_id),
      ('premises', terminal.premises_id), ('terminal', terminal_id)) AS unit (level, id)
    JOIN (VALUES ${keptValues(KEPT, ({ timed }) => String(timed))}) AS kept (level, grain, seconds, timed)
      ON kept.level = unit.level
    GROUP BY kept.level, kept.grain, kept.timed, unit.id, 4, door, outcome, cause
  ), stored AS (
    SELECT level, grain, scope_id AS id, extract(epoch FROM start) AS epoch, door, outcome, cause, attempts,
      ${eachDuration(
        (name) => `(SELECT coalesce(sum(times), 0) FROM unnest(${name}_counts) AS times) AS ${name}_measured,
          ${name}_ms_max AS ${name}_longest`,
      )}
    FROM attempt_count
    WHERE attempts <> 0
  )
  SELECT concat_ws(' ', level, nullif(id, '')) AS unit,
    grain || ' from ' || to_timestamp(epoch) AS step,
    concat_ws(' ', door, outcome, nullif(cause, '')) AS what,
    concat_ws(' ', coalesce(stored.attempts, 0), ${eachDuration((name) => `stored.${name}_measured, stored.${name}_longest`)}) AS kept,
    concat_ws(' ', coalesce(recount.attempts, 0), ${eachDuration((name) => `recount.${name}_measured, recount.${name}_longest`)}) AS counted
  FROM stored
  FULL JOIN recount USING (level, grain, id, epoch, door, outcome, cause)
  WHERE stored.attempts IS DISTINCT FROM recount.attempts
    ${DURATIONS.map((name) => `OR stored.${name}_measured <> recount.${name}_measured OR stored.${name}_longest IS DISTINCT FROM recount.${name}_longest`).join(' ')}
  ORDER BY 1, 2, 3`;

/** Under which cause an entry counts: none for a success, its own, or `unknown` for one that the server did not know. */
const MISNAMED_SQL = `
  SELECT terminal_id AS "terminalId", entry_id AS "entryId", counted_cause AS cause FROM transaction_log_entry
  WHERE CASE WHEN outcome IN ('issued', 'already_issued', 'repeated') THEN counted_cause <> ''
             ELSE counted_cause <> 'unknown' AND counted_cause IS DISTINCT FROM cause END
  ORDER BY 1, 2`;

/** I8 for attempts: every sum that is kept is what the tills' entries and the server's events come to, none more and none less. */
export async function checkAttemptSums(snapshot: Snapshot, tally: Tally): Promise<void> {
  const [row] = await snapshot.query<{ sums: string }>(
    'SELECT count(*) AS sums FROM attempt_count WHERE attempts <> 0',
  );
  tally.looked(Number(row?.sums));
  for await (const page of snapshot.pages<{ terminalId: string; entryId: string; cause: string }>(
    MISNAMED_SQL,
    SUMS_PER_PAGE,
  ))
    for (const { terminalId, entryId, cause } of page)
      tally.find(`Entry ${entryId} of terminal ${terminalId} counts under "${cause}", which is not its cause.`);
  await differencesOf(snapshot, RECOUNT_SQL, 'attempts', tally);
}
