import type { Grain } from '../statistics/spans.js';
import { LEVELS, type Level } from '../statistics/scope.js';

/** Figures as the views name them. */
export type FigureName = 'invoices' | 'tax' | 'flagged' | 'warning' | 'waited' | 'refused';

/**
 * Where figures come from: a table whose rows are never changed, and the view that says what each row adds to which figure (the migration of
 * invoice-statistics defines both views, with the same columns).
 */
export interface Source {
  readonly table: 'ledger' | 'refused_invoice';
  readonly view: 'invoice_figure' | 'refusal_figure';
  /** The column that numbers the table's rows, `number` in the view. */
  readonly numberColumn: 'sequence' | 'refused_id';
  /** Those that the view gives. */
  readonly figures: readonly FigureName[];
}

export const LEDGER: Source = {
  table: 'ledger',
  view: 'invoice_figure',
  numberColumn: 'sequence',
  figures: ['invoices', 'tax', 'flagged', 'warning', 'waited'],
};
export const REFUSED: Source = {
  table: 'refused_invoice',
  view: 'refusal_figure',
  numberColumn: 'refused_id',
  figures: ['refused'],
};
export const SOURCES: readonly Source[] = [LEDGER, REFUSED];

/** Grains by level. */
type KeptGrains = Readonly<Record<Level, readonly Grain[]>>;

const UP_TO_DAYS: readonly Grain[] = ['quarter', 'hour', 'day'];

/** Of figures that are shown step by step; every zone's hours and days begin on a quarter-hour of UTC. A till has few hours that differ from its quarters. */
const GRAINS_OF_SERIES: KeptGrains = {
  all: UP_TO_DAYS,
  region: UP_TO_DAYS,
  taxpayer: UP_TO_DAYS,
  premises: UP_TO_DAYS,
  terminal: ['quarter', 'day'],
};

/** Of figures that are told of a whole period alone: days, and what it takes to reach its ends. Below a region, the last minutes are few rows. */
const GRAINS_OF_TOTALS: KeptGrains = {
  all: ['quarter', 'day'],
  region: ['quarter', 'day'],
  taxpayer: ['hour', 'day'],
  premises: ['hour', 'day'],
  terminal: ['hour', 'day'],
};

/**
 * Which sums are kept of a figure. They are what most of the room goes to: each more makes a row for nearly every quarter-hour in which a till
 * sold something.
 */
export const KEPT_GRAINS: Readonly<Record<FigureName, KeptGrains>> = {
  invoices: GRAINS_OF_SERIES,
  refused: GRAINS_OF_SERIES,
  tax: GRAINS_OF_TOTALS,
  flagged: GRAINS_OF_TOTALS,
  warning: GRAINS_OF_TOTALS,
  waited: GRAINS_OF_TOTALS,
};

/** Every sum that is kept. */
export const KEPT: readonly { readonly figure: FigureName; readonly level: Level; readonly grain: Grain }[] =
  SOURCES.flatMap(({ figures }) =>
    figures.flatMap((figure) =>
      LEVELS.flatMap((level) => KEPT_GRAINS[figure][level].map((grain) => ({ figure, level, grain }))),
    ),
  );
