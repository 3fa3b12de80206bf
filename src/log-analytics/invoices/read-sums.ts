import type { PoolClient } from 'pg';
import type { Span } from '../statistics/period.js';
import { LEVELS, type Scope } from '../statistics/scope.js';
import { type Piece, piecesOf } from '../statistics/spans.js';
import { type FigureName, KEPT_GRAINS, type Source } from './sources.js';

/**
 * Some rows of a source, added up. `base` and `amount`: smallest unit of the currency that the label names.
 * @property step index of the span into which they fall
 */
export interface Sum {
  readonly step: number;
  readonly figure: FigureName;
  readonly label: string;
  readonly door: string;
  readonly times: number;
  readonly base: bigint;
  readonly amount: bigint;
  readonly longestMs: number;
}

/** What is added up. `figures` and `labels`: these alone; absent: all of the source. `door`: invoices of this one alone. */
export interface SumsQuery {
  /** Adjoining, in order. */
  readonly steps: readonly Span[];
  readonly scope: Scope;
  readonly figures?: readonly FigureName[] | undefined;
  readonly labels?: readonly string[] | undefined;
  readonly door?: string | undefined;
}

/** Edges that are read by a part of the statement each: the two of a period, and those of a change of clocks. */
const EDGES_READ_SINGLY_MAX = 4;

/** Collects the values of a statement, and names their places. */
class Values {
  readonly list: unknown[] = [];

  add(value: unknown, type: string): string {
    this.list.push(value);
    return `$${this.list.length}::${type}`;
  }
}

/**
 * Adds up figures of a source: whole grains from the sums that are kept, what these do not hold yet and the minutes at the edges from the rows
 * themselves. Exact as of the client's snapshot.
 *
 * @param client in a transaction with one snapshot for all its statements (readConsistently)
 */
export async function readSums(client: PoolClient, source: Source, query: SumsQuery): Promise<readonly Sum[]> {
  const [first, last] = [query.steps[0], query.steps.at(-1)];
  if (first === undefined || last === undefined || query.scope.units.length === 0) return [];
  const values = new Values();
  const whole = { fromMs: first.fromMs, toMs: last.toMs };
  const edges = edgesOf(query.steps);
  const parts = [
    ...keptParts(source, query, values),
    rowsPart(source, whole, query, values, `${await afterMark(client, source, values)} AND NOT ${within(edges, values)}`),
    ...edgeParts(source, whole, edges, query, values),
  ];
  const starts = values.add(
    query.steps.map(({ fromMs }) => iso(fromMs)),
    'timestamptz[]',
  );
  const { rows } = await client.query<Record<keyof Sum, string>>(
    `SELECT width_bucket(at, ${starts}) - 1 AS step, figure, label, door, sum(times)::text AS times,
            sum(base)::text AS base, sum(amount)::text AS amount, max(longest_ms)::text AS "longestMs"
     FROM (${parts.join(' UNION ALL ')}) AS part
     GROUP BY 1, 2, 3, 4`,
    values.list,
  );
  return rows.map(({ step, figure, label, door, times, base, amount, longestMs }) => ({
    step: Number(step),
    figure: figure as FigureName,
    label,
    door,
    times: Number(times),
    base: BigInt(base),
    amount: BigInt(amount),
    longestMs: Number(longestMs),
  }));
}

/** What every part is narrowed to beside its time and its place. */
function narrowed(source: Source, { figures = source.figures, labels, door }: SumsQuery, values: Values): string {
  const conditions = [
    `figure = ANY(${values.add(figures, 'text[]')})`,
    ...(labels === undefined ? [] : [`label = ANY(${values.add(labels, 'text[]')})`]),
    ...(door === undefined ? [] : [`door = ${values.add(door, 'text')}`]),
  ];
  return conditions.map((condition) => ` AND ${condition}`).join('');
}

/** Sums that are kept, one part for each level of the scope. */
function keptParts(source: Source, query: SumsQuery, values: Values): string[] {
  return LEVELS.flatMap((level) => {
    const units = query.scope.units.filter((unit) => unit.level === level);
    const pieces = keptPieces(query.steps, level);
    if (units.length === 0 || pieces.length === 0) return [];
    const ids = values.add(
      units.map(({ id }) => id),
      'text[]',
    );
    const columns = [
      values.add(
        pieces.map(({ grain }) => grain),
        'text[]',
      ),
      values.add(
        pieces.map(({ fromMs }) => iso(fromMs)),
        'timestamptz[]',
      ),
      values.add(
        pieces.map(({ toMs }) => iso(toMs)),
        'timestamptz[]',
      ),
    ];
    return [
      `SELECT kept.start AS at, figure, label, door, times, base, amount, longest_ms
       FROM unnest(${ids}) AS unit(id) CROSS JOIN unnest(${columns.join(', ')}) AS piece(grain, begin, finish)
       JOIN invoice_statistics AS kept ON kept.level = '${level}' AND kept.unit = unit.id AND kept.grain = piece.grain
         AND kept.start >= piece.begin AND kept.start < piece.finish${narrowed(source, query, values)}`,
    ];
  });
}

/** Rows of a span, one by one. */
function rowsPart(source: Source, span: Span, query: SumsQuery, values: Values, condition: string): string {
  return `SELECT at, figure, label, door, times, base, amount, longest_ms FROM ${source.view}
    WHERE ${condition} AND at >= ${values.add(iso(span.fromMs), 'timestamptz')}
      AND at < ${values.add(iso(span.toMs), 'timestamptz')}${inScope(query.scope, values)}${narrowed(source, query, values)}`;
}

function inScope({ premises, terminals }: Scope, values: Values): string {
  if (terminals !== null) return ` AND terminal_id = ANY(${values.add(terminals, 'text[]')})`;
  return premises === 'all' ? '' : ` AND premises_id = ANY(${values.add(premises, 'text[]')})`;
}

/** What the sums do not hold yet. The mark is read for itself, so that the planner sees how little lies behind it. */
async function afterMark(client: PoolClient, source: Source, values: Values): Promise<string> {
  const { rows } = await client.query<{ recordedIn: string; number: string }>(
    'SELECT recorded_in::text AS "recordedIn", number::text AS number FROM invoice_statistics_mark WHERE source = $1',
    [source.table],
  );
  const [mark] = rows;
  if (mark === undefined) throw new Error(`invoice_statistics_mark has no row of ${source.table}`);
  return `(recorded_in, number) > (${values.add(mark.recordedIn, 'xid8')}, ${values.add(mark.number, 'bigint')})`;
}

/** Pieces of all steps for which a level keeps sums; what adjoins is one, so that a year of days is not 365 look-ups. */
function keptPieces(steps: readonly Span[], level: keyof typeof KEPT_GRAINS): readonly Piece[] {
  const pieces: Piece[] = [];
  for (const piece of steps.flatMap((step) => piecesOf(step, KEPT_GRAINS[level]))) {
    const before = pieces.at(-1);
    if (piece.grain === 'rows') continue;
    if (before?.grain === piece.grain && before.toMs === piece.fromMs) {
      pieces[pieces.length - 1] = { ...before, toMs: piece.toMs };
    } else pieces.push(piece);
  }
  return pieces;
}

/** Stretches shorter than a quarter-hour: they are read row by row, at every level alike. */
function edgesOf(steps: readonly Span[]): readonly Span[] {
  return steps.flatMap((step) => piecesOf(step, ['quarter']).filter(({ grain }) => grain === 'rows'));
}

/**
 * Rows of the edges. A period has two at most; only in zones as they were before 1972, with offsets of odd minutes, has every step two, and then
 * all rows of the period are looked at.
 */
function edgeParts(
  source: Source,
  whole: Span,
  edges: readonly Span[],
  query: SumsQuery,
  values: Values,
): readonly string[] {
  if (edges.length > EDGES_READ_SINGLY_MAX) return [rowsPart(source, whole, query, values, within(edges, values))];
  return edges.map((edge) => rowsPart(source, edge, query, values, 'TRUE'));
}

/** Whether a row lies in one of the spans. */
function within(spans: readonly Span[], values: Values): string {
  if (spans.length === 0) return 'FALSE';
  const begins = values.add(
    spans.map(({ fromMs }) => iso(fromMs)),
    'timestamptz[]',
  );
  const finishes = values.add(
    spans.map(({ toMs }) => iso(toMs)),
    'timestamptz[]',
  );
  return `EXISTS (SELECT FROM unnest(${begins}, ${finishes}) AS edge(begin, finish) WHERE at >= edge.begin AND at < edge.finish)`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
