import type { PoolClient } from 'pg';
import type { Span } from '../statistics/period.js';
import { type Level, LEVELS, type Scope } from '../statistics/scope.js';
import { type Piece, piecesOf } from '../statistics/spans.js';
import { type FigureName, KEPT_GRAINS, type Source } from './sources.js';

/**
 * Some rows of a source, added up. `base` and `amount`: smallest unit of the currency that the label names.
 * @property step index of the span into which they fall
 * @property label what the figure is split by, see the view
 */
export interface Sum {
  readonly step: number;
  readonly figure: FigureName;
  readonly label: readonly string[];
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

/** What identifies the units of a level in the views. */
const UNIT_COLUMN: Readonly<Record<Exclude<Level, 'all'>, string>> = {
  region: 'region',
  taxpayer: 'taxpayer_id',
  premises: 'premises_id',
  terminal: 'terminal_id',
};

/**
 * Adds up figures of a source: whole grains from the sums that are kept, what these do not hold yet and the minutes at the edges from the rows
 * themselves. Exact as of the client's snapshot.
 *
 * @param client in a transaction with one snapshot for all its statements (readConsistently)
 * @param mark read in it
 */
export async function readSums(
  client: PoolClient,
  source: Source,
  mark: Mark,
  query: SumsQuery,
): Promise<readonly Sum[]> {
  const statement = new Statement(source, query, mark);
  const parts = LEVELS.flatMap((level) =>
    statement.partsOf(
      level,
      query.scope.units.filter((unit) => unit.level === level).map(({ id }) => id),
    ),
  );
  if (parts.length === 0) return [];
  const starts = statement.value(isoStarts(query.steps), 'timestamptz[]');
  const { rows } = await client.query<Record<keyof Sum, string>>(
    `SELECT width_bucket(at, ${starts}) - 1 AS step, figure, label, door, sum(times)::text AS times,
            sum(base)::text AS base, sum(amount)::text AS amount, max(longest_ms)::text AS "longestMs"
     FROM (${parts.join(' UNION ALL ')}) AS part
     GROUP BY 1, 2, 3, 4`,
    statement.values,
  );
  return rows.map((row) => ({
    step: Number(row.step),
    figure: row.figure as FigureName,
    label: row.label.split('/'),
    door: row.door,
    times: Number(row.times),
    base: BigInt(row.base),
    amount: BigInt(row.amount),
    longestMs: Number(row.longestMs),
  }));
}

/** Up to where the sums hold the rows of a source, and whether there are any behind it. */
export interface Mark {
  readonly recordedIn: string;
  readonly number: string;
  readonly hasMore: boolean;
}

/**
 * Read for itself, so that the planner of the statements that follow sees how little lies behind it; and where nothing does, they are spared
 * half their planning.
 */
export async function readMark(client: PoolClient, source: Source): Promise<Mark> {
  const { rows } = await client.query<Mark>(
    `SELECT mark.recorded_in::text AS "recordedIn", mark.number::text AS number,
            -- In order, so that the index is asked: looking for any row, the planner would read the table from its beginning.
            (SELECT true FROM ${source.table} AS row
             WHERE (row.recorded_in, row.${source.numberColumn}) > (mark.recorded_in, mark.number)
             ORDER BY row.recorded_in, row.${source.numberColumn} LIMIT 1) IS NOT NULL AS "hasMore"
     FROM invoice_statistics_mark AS mark WHERE source = $1`,
    [source.table],
  );
  const [mark] = rows;
  if (mark === undefined) throw new Error(`invoice_statistics_mark has no row of ${source.table}`);
  return mark;
}

/** Figures for which the same grains are kept. */
interface FigureGroup {
  readonly figures: readonly FigureName[];
  readonly kept: (typeof KEPT_GRAINS)[FigureName];
}

/** Writes the parts of the statement, and collects its values. */
class Statement {
  readonly values: unknown[] = [];
  readonly #groups: readonly FigureGroup[];

  constructor(
    private readonly source: Source,
    private readonly query: SumsQuery,
    private readonly mark: Mark,
  ) {
    const figures = query.figures ?? source.figures;
    this.#groups = [...new Set(figures.map((figure) => KEPT_GRAINS[figure]))].map((kept) => ({
      kept,
      figures: figures.filter((figure) => KEPT_GRAINS[figure] === kept),
    }));
  }

  value(value: unknown, type: string): string {
    this.values.push(value);
    return `$${this.values.length}::${type}`;
  }

  /** Everything of some units of a level, each row in one part. */
  partsOf(level: Level, units: readonly string[]): readonly string[] {
    const { steps } = this.query;
    const [first, last] = [steps[0], steps.at(-1)];
    if (units.length === 0 || first === undefined || last === undefined) return [];
    const whole = { fromMs: first.fromMs, toMs: last.toMs };
    return this.#groups.flatMap(({ figures, kept }) => {
      const pieces = joined(steps.flatMap((step) => piecesOf(step, kept[level])));
      const edges = pieces.filter(({ grain }) => grain === 'rows');
      // Written anew for each part: a value that no part names would have no type.
      const narrowed = (): string =>
        (level === 'all' ? '' : ` AND ${UNIT_COLUMN[level]} = ANY(${this.value(units, 'text[]')})`) +
        this.#condition(figures);
      return [
        this.#kept(level, units, figures, pieces),
        ...(this.mark.hasMore
          ? [this.#rows(whole, `${narrowed()} AND ${this.#isBehindMark()} AND NOT ${this.#isWithin(edges)}`)]
          : []),
        ...(edges.length > EDGES_READ_SINGLY_MAX
          ? // Only zones as they were before 1972, with offsets of odd minutes, have edges at every step.
            [this.#rows(whole, `${narrowed()} AND ${this.#isWithin(edges)}`)]
          : edges.map((edge) => this.#rows(edge, narrowed()))),
      ];
    });
  }

  /** Sums that are kept. OFFSET 0 keeps the planner to one look-up for each unit, figure and piece. */
  #kept(level: Level, units: readonly string[], figures: readonly FigureName[], all: readonly Piece[]): string {
    const pieces = all.filter(({ grain }) => grain !== 'rows');
    const grains = this.value(
      pieces.map(({ grain }) => grain),
      'text[]',
    );
    const begins = this.value(isoStarts(pieces), 'timestamptz[]');
    const finishes = this.value(
      pieces.map(({ toMs }) => iso(toMs)),
      'timestamptz[]',
    );
    return `SELECT kept.*
      FROM unnest(${this.value(units, 'text[]')}) AS unit(id)
      CROSS JOIN unnest(${this.value(figures, 'text[]')}) AS wanted(figure)
      CROSS JOIN unnest(${grains}, ${begins}, ${finishes}) AS piece(grain, begin, finish)
      CROSS JOIN LATERAL (
        SELECT start AS at, figure, label, door, times, base, amount, longest_ms FROM invoice_statistics
        WHERE level = '${level}' AND unit = unit.id AND figure = wanted.figure AND grain = piece.grain
          AND start >= piece.begin AND start < piece.finish${this.#condition([])} OFFSET 0
      ) AS kept`;
  }

  #rows(span: Span, condition: string): string {
    return `SELECT at, figure, label, door, times, base, amount, longest_ms FROM ${this.source.view}
      WHERE at >= ${this.value(iso(span.fromMs), 'timestamptz')} AND at < ${this.value(iso(span.toMs), 'timestamptz')}${condition}`;
  }

  /** What every part is narrowed to beside its time and its place; no figures: whichever. */
  #condition(figures: readonly FigureName[]): string {
    const { labels, door } = this.query;
    const conditions = [
      ...(figures.length === 0 ? [] : [`figure = ANY(${this.value(figures, 'text[]')})`]),
      ...(labels === undefined ? [] : [`label = ANY(${this.value(labels, 'text[]')})`]),
      ...(door === undefined ? [] : [`door = ${this.value(door, 'text')}`]),
    ];
    return conditions.map((condition) => ` AND ${condition}`).join('');
  }

  /** What the sums do not hold yet. */
  #isBehindMark(): string {
    const { recordedIn, number } = this.mark;
    return `(recorded_in, number) > (${this.value(recordedIn, 'xid8')}, ${this.value(number, 'bigint')})`;
  }

  #isWithin(spans: readonly Span[]): string {
    if (spans.length === 0) return 'FALSE';
    const begins = this.value(isoStarts(spans), 'timestamptz[]');
    const finishes = this.value(
      spans.map(({ toMs }) => iso(toMs)),
      'timestamptz[]',
    );
    return `EXISTS (SELECT FROM unnest(${begins}, ${finishes}) AS edge(begin, finish) WHERE at >= edge.begin AND at < edge.finish)`;
  }
}

/** What adjoins is one, so that a year of days is not 365 look-ups. */
function joined(pieces: readonly Piece[]): readonly Piece[] {
  const all: Piece[] = [];
  for (const piece of pieces) {
    const before = all.at(-1);
    if (before?.grain === piece.grain && before.toMs === piece.fromMs) {
      all[all.length - 1] = { ...before, toMs: piece.toMs };
    } else all.push(piece);
  }
  return all;
}

function isoStarts(spans: readonly Span[]): readonly string[] {
  return spans.map(({ fromMs }) => iso(fromMs));
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
