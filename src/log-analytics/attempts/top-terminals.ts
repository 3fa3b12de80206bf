import type { TerminalFailures } from '@tax-control/protocol/console';
import type { Sql } from '../../registry/sql.js';
import type { Span } from '../statistics/period.js';
import { piecesOf } from '../statistics/spans.js';
import {
  type AttemptQuery,
  attemptSources,
  COUNT_COLUMNS,
  COUNT_GRAINS,
  IS_UNTOLD,
  narrowing,
} from './attempt-sources.js';
import { scopeCondition } from './read-counts.js';
import { StatementValues } from './statement.js';

/** As many as fit on a page beside their charts. */
const TERMINALS_MAX = 20;

type Place = Pick<TerminalFailures, 'terminalId' | 'premisesId' | 'premisesName' | 'region' | 'taxpayerId'>;

/** The terminals with the most failures (of the causes asked for), with all their attempts and their causes. */
export async function readTopTerminals(sql: Sql, query: AttemptQuery, span: Span): Promise<TerminalFailures[]> {
  const terminals = await mostFailing(sql, query, span);
  if (terminals.length === 0) return [];
  const values = new StatementValues();
  const units = terminals.map((id) => ({ level: 'terminal', id }) as const);
  const scope = { ...query.scope, units, terminals };
  const sources = attemptSources(values, { ...query, scope, causes: null }, [span], COUNT_GRAINS, COUNT_COLUMNS);
  const { rows } = await sql.query<{ terminalId: string; cause: string; attempts: string; notTried: string | null }>(
    `SELECT scope_id AS "terminalId", cause, sum(attempts) AS attempts,
       sum(attempts) FILTER (WHERE outcome = 'not_tried') AS "notTried"
     FROM (${sources.join(' UNION ALL ')}) AS source
     GROUP BY scope_id, cause HAVING sum(attempts) <> 0 ORDER BY sum(attempts) DESC, cause`,
    values.list,
  );
  const { rows: places } = await sql.query<Place>(
    `SELECT terminal_id AS "terminalId", premises_id AS "premisesId", name AS "premisesName", region,
       terminal.taxpayer_id AS "taxpayerId"
     FROM terminal JOIN premises USING (premises_id)
     WHERE terminal_id = ANY($1::text[]) ORDER BY array_position($1::text[], terminal_id::text)`,
    [terminals],
  );
  return places.map((place) => {
    const counts = rows
      .filter(({ terminalId }) => terminalId === place.terminalId)
      .map(({ cause, attempts, notTried }) => ({ cause, count: Number(attempts), notTried: Number(notTried ?? 0) }));
    const isAsked = (cause: string): boolean => cause !== '' && (query.causes?.includes(cause) ?? true);
    const causes = counts.filter(({ cause }) => isAsked(cause));
    const sum = (list: readonly { readonly count: number }[]): number =>
      list.reduce((all, { count }) => all + count, 0);
    return {
      ...place,
      attempts: sum(counts),
      failures: sum(causes),
      notTried: causes.reduce((all, { notTried }) => all + notTried, 0),
      causes: causes.map(({ cause, count }) => ({ cause, count })),
    };
  });
}

/** From days, which are kept of every terminal, and at the edges from the failures themselves. */
async function mostFailing(sql: Sql, query: AttemptQuery, span: Span): Promise<string[]> {
  if (query.scope.units.length === 0) return [];
  const values = new StatementValues();
  const ofScope = scopeCondition(values, query.scope);
  const sources = piecesOf(span, COUNT_GRAINS.terminal).flatMap(({ grain, ...piece }) => {
    const narrowed = (column: string): string => `AND ${column} <> '' ${narrowing(values, query, column)}`;
    if (grain !== 'rows') {
      return [
        `SELECT scope_id AS terminal_id, attempts FROM attempt_count
         WHERE level = 'terminal' AND grain = '${grain}' AND ${values.within('start', piece)} ${narrowed('cause')}`,
      ];
    }
    return [
      `SELECT terminal_id, 1 AS attempts FROM transaction_log_entry
       WHERE is_placed AND ${values.within('at', piece)} ${narrowed('counted_cause')}`,
      `SELECT terminal_id, 1 AS attempts FROM server_event
       WHERE ${values.within('at', piece)} ${narrowed('cause')} AND ${IS_UNTOLD}`,
    ];
  });
  const { rows } = await sql.query<{ terminalId: string }>(
    `SELECT terminal_id AS "terminalId" FROM (${sources.join(' UNION ALL ')}) AS source
     WHERE true ${ofScope}
     GROUP BY terminal_id HAVING sum(attempts) > 0 ORDER BY sum(attempts) DESC, terminal_id LIMIT ${TERMINALS_MAX}`,
    values.list,
  );
  return rows.map(({ terminalId }) => terminalId);
}
