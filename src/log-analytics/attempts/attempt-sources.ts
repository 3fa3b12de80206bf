import type { Door } from '@tax-control/protocol';
import type { Span } from '../statistics/period.js';
import { LEVELS, type Level, type Scope } from '../statistics/scope.js';
import { type Grain, type Piece, piecesOf } from '../statistics/spans.js';
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
  all: ['quarter', 'hour', 'day'],
  region: ['quarter', 'hour', 'day'],
  taxpayer: ['hour', 'day'],
  premises: ['hour', 'day'],
  terminal: ['day'],
};

/** Where durations are kept too. */
export const DURATION_GRAINS: GrainsOfLevel = {
  all: ['hour', 'day'],
  region: ['hour', 'day'],
  taxpayer: ['day'],
  premises: ['day'],
  terminal: ['day'],
};

/** Columns to read from sums that are kept, from a till's entry and from a server's event. */
export interface SourceColumns {
  readonly counts: string;
  readonly entries: string;
  readonly events: string;
}

export const COUNT_COLUMNS: SourceColumns = {
  counts: 'scope_id, start AS at, door, outcome, cause, attempts',
  entries: 'terminal_id, at, door, outcome, counted_cause, 1',
  events: 'terminal_id, at, door, outcome, cause, 1',
};

/** Condition for a server's event: the till has not told of the same attempt. */
export const IS_UNTOLD = `NOT EXISTS (
  SELECT FROM transaction_log_entry entry
  WHERE entry.terminal_id = server_event.terminal_id AND entry.entry_id = server_event.attempt_id
)`;

/**
 * SELECTs that together give every attempt of the spans once: from the coarsest sums that fit, from the rows where none does. The
 * spans are disjoint, and no sum reaches over an edge of one.
 */
export function attemptSources(
  values: StatementValues,
  query: AttemptQuery,
  spans: readonly Span[],
  grains: GrainsOfLevel,
  columns: SourceColumns,
): string[] {
  return LEVELS.flatMap((level) => {
    const ids = query.scope.units.flatMap((unit) => (unit.level === level ? [unit.id] : []));
    if (ids.length === 0) return [];
    return runsOf(spans, grains[level]).flatMap(({ grain, runs }) => {
      const run = runTable(values, runs);
      if (grain === 'rows') return rowSources(values, query, { level, ids, run, columns });
      const scope = `level = '${level}' AND grain = '${grain}' AND scope_id = ANY(${values.add(ids, 'text[]')})`;
      return [
        `SELECT ${columns.counts} FROM ${run} CROSS JOIN LATERAL (
           SELECT * FROM attempt_count
           WHERE ${scope} AND start >= from_at AND start < to_at ${narrowing(values, query, 'cause')}
         ) AS count`,
      ];
    });
  });
}

interface RowsWanted {
  readonly level: Level;
  readonly ids: readonly string[];
  readonly run: string;
  readonly columns: SourceColumns;
}

function rowSources(values: StatementValues, query: AttemptQuery, { level, ids, run, columns }: RowsWanted): string[] {
  const ofTerminals = terminalsOf(values, level, ids);
  return [
    `SELECT ${columns.entries} FROM ${run} CROSS JOIN LATERAL (
       SELECT * FROM transaction_log_entry
       WHERE is_placed AND at >= from_at AND at < to_at ${ofTerminals} ${narrowing(values, query, 'counted_cause')}
     ) AS entry`,
    `SELECT ${columns.events} FROM ${run} CROSS JOIN LATERAL (
       SELECT *, NULL::bigint AS connect_ms, NULL::bigint AS tls_ms, NULL::bigint AS answer_ms, NULL::bigint AS total_ms
       FROM server_event
       WHERE at >= from_at AND at < to_at ${ofTerminals} ${narrowing(values, query, 'cause')} AND ${IS_UNTOLD}
     ) AS event`,
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
  return `AND terminal_id = ANY(ARRAY(SELECT terminal_id::text FROM ${from}))`;
}

/** Conditions of the filter on rows of whatever table. */
export function narrowing(values: StatementValues, { door, causes }: AttemptQuery, causeColumn: string): string {
  const ofDoor = door === null ? '' : `AND door = ${values.add(door, 'text')}`;
  return causes === null ? ofDoor : `${ofDoor} AND ${causeColumn} = ANY(${values.add(causes, 'text[]')})`;
}

function runTable(values: StatementValues, runs: readonly Span[]): string {
  const from = values.addTimes(runs.map(({ fromMs }) => fromMs));
  const to = values.addTimes(runs.map(({ toMs }) => toMs));
  return `unnest(${from}, ${to}) AS run (from_at, to_at)`;
}

/** The pieces of all spans by grain, neighbours joined: the days of a month are one run of hours. */
function runsOf(
  spans: readonly Span[],
  grains: readonly Grain[],
): readonly { readonly grain: Piece['grain']; readonly runs: readonly Span[] }[] {
  const byGrain = new Map<Piece['grain'], Span[]>();
  for (const { grain, fromMs, toMs } of spans.flatMap((span) => piecesOf(span, grains))) {
    const runs = byGrain.get(grain) ?? [];
    const last = runs.at(-1);
    if (last?.toMs === fromMs) runs.splice(-1, 1, { fromMs: last.fromMs, toMs });
    else runs.push({ fromMs, toMs });
    byGrain.set(grain, runs);
  }
  return [...byGrain].map(([grain, runs]) => ({ grain, runs }));
}
