import type { Door } from '@tax-control/protocol';
import type { Span } from '../statistics/period.js';
import { LEVELS, type Level, type Scope } from '../statistics/scope.js';
import { type Grain, planOf } from '../statistics/spans.js';
import type { StatementValues } from './statement.js';

/** Which attempts are asked for; null: any. */
export interface AttemptQuery {
  readonly scope: Scope;
  readonly door: Door | null;
  readonly causes: readonly string[] | null;
}

export type GrainsOfLevel = Readonly<Record<Level, readonly Grain[]>>;

/** What the migration keeps. Small scopes have no fine grains: there the rows themselves are as few. */
export const COUNT_GRAINS: GrainsOfLevel = {
  all: ['quarter', 'hour', 'day', 'week'],
  region: ['quarter', 'hour', 'day', 'week'],
  taxpayer: ['hour', 'day'],
  premises: ['hour', 'day'],
  terminal: ['day', 'week'],
};

/** Where durations are kept too. */
export const DURATION_GRAINS: GrainsOfLevel = {
  all: ['hour', 'day', 'week'],
  region: ['hour', 'day', 'week'],
  taxpayer: ['day'],
  premises: ['day'],
  terminal: ['day'],
};

/**
 * Columns, with the same names, to read from sums that are kept (counted at a time, so many attempts), from a till's entry and from a
 * server's event.
 */
export interface SourceColumns {
  readonly counts: (at: string, attempts: string) => string;
  readonly entries: string;
  readonly events: string;
}

/** Of the day in UTC in which a sum lies. */
const MIDDLE_OF_DAY = `date_bin('1 day', start, 'epoch') + interval '12 hours'`;

export const COUNT_COLUMNS: SourceColumns = {
  counts: (at, attempts) => `scope_id, ${at} AS at, door, outcome, cause, ${attempts} AS attempts`,
  entries: 'terminal_id AS scope_id, at, door, outcome, counted_cause AS cause, 1 AS attempts',
  events: 'terminal_id AS scope_id, at, door, outcome, cause, 1 AS attempts',
};

/** Condition for a server's event: the till has not told of the same attempt. */
export const IS_UNTOLD = `NOT EXISTS (
  SELECT FROM transaction_log_entry entry
  WHERE entry.terminal_id = server_event.terminal_id AND entry.entry_id = server_event.attempt_id
)`;

/** Condition for an entry and for a sum: a sale that the till's software asked for again was not sent, and is no attempt. */
const IS_ATTEMPT = `outcome <> 'repeated'`;

/**
 * SELECTs that together give every attempt of the steps once: from the coarsest sums that reach over no edge of a step, from the rows
 * where none does. The steps are in order and without gaps. Times stand in each SELECT by themselves, so that the database can
 * tell how little it has to read.
 */
export function attemptSources(
  values: StatementValues,
  query: AttemptQuery,
  steps: readonly Span[],
  grains: GrainsOfLevel,
  columns: SourceColumns,
): string[] {
  return LEVELS.flatMap((level) => {
    const ids = query.scope.units.flatMap((unit) => (unit.level === level ? [unit.id] : []));
    if (ids.length === 0) return [];
    const { pieces, moved } = planOf(steps, grains[level]);
    const scopeOf = (grain: Grain): string =>
      `level = '${level}' AND grain = '${grain}' AND scope_id = ANY(${values.add(ids, 'text[]')}) AND ${IS_ATTEMPT} ${narrowing(values, query, 'cause')}`;
    const sources = pieces.flatMap(({ grain, ...span }) => {
      if (grain === 'rows') return rowSources(values, query, { level, ids, span, columns });
      const counts = columns.counts(grain === 'day' ? MIDDLE_OF_DAY : 'start', 'attempts');
      return [`SELECT ${counts} FROM attempt_count WHERE ${scopeOf(grain)} AND ${values.within('start', span)}`];
    });
    if (moved === null || moved.startsMs.length === 0) return sources;
    const from = `FROM attempt_count WHERE ${scopeOf(moved.grain)} AND start = ANY(${values.addTimes(moved.startsMs)})`;
    return [
      ...sources,
      `SELECT ${columns.counts('start', 'attempts')} ${from}`,
      `SELECT ${columns.counts(MIDDLE_OF_DAY, '-attempts')} ${from}`,
    ];
  });
}

interface RowsWanted {
  readonly level: Level;
  readonly ids: readonly string[];
  readonly span: Span;
  readonly columns: SourceColumns;
}

function rowSources(values: StatementValues, query: AttemptQuery, { level, ids, span, columns }: RowsWanted): string[] {
  const where = `${values.within('at', span)} ${terminalsOf(values, level, ids)}`;
  return [
    `SELECT ${columns.entries} FROM transaction_log_entry
     WHERE is_placed AND ${IS_ATTEMPT} AND ${where} ${narrowing(values, query, 'counted_cause')}`,
    `SELECT ${columns.events} FROM (
       SELECT *, NULL::bigint AS connect_ms, NULL::bigint AS tls_ms, NULL::bigint AS answer_ms, NULL::bigint AS total_ms
       FROM server_event WHERE ${IS_UNTOLD}
     ) AS event
     WHERE ${where} ${narrowing(values, query, 'cause')}`,
  ];
}

/** Condition for the rows of these units. */
function terminalsOf(values: StatementValues, level: Level, ids: readonly string[]): string {
  if (level === 'all') return '';
  const list = values.add(ids, 'text[]');
  if (level === 'terminal') return `AND terminal_id = ANY(${list})`;
  const from =
    level === 'region'
      ? `terminal JOIN premises USING (premises_id) WHERE region = ANY(${list})`
      : `terminal WHERE ${level === 'taxpayer' ? 'taxpayer_id' : 'premises_id'} = ANY(${list})`;
  return `AND terminal_id IN (SELECT terminal_id FROM ${from})`;
}

/** Conditions of the filter on rows of whatever table. */
export function narrowing(values: StatementValues, { door, causes }: AttemptQuery, causeColumn: string): string {
  const ofDoor = door === null ? '' : `AND door = ${values.add(door, 'text')}`;
  return causes === null ? ofDoor : `${ofDoor} AND ${causeColumn} = ANY(${values.add(causes, 'text[]')})`;
}
