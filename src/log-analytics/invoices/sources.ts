import { GRAINS, type Grain } from '../statistics/spans.js';
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

/**
 * Grains that are kept of each level. A till sells a few times an hour, so its hours would be nearly as many rows as its quarters, and nobody adds
 * up many tills: quarters and days do for it.
 */
export const KEPT_GRAINS: Readonly<Record<Level, readonly Grain[]>> = {
  all: GRAINS,
  region: GRAINS,
  taxpayer: GRAINS,
  premises: GRAINS,
  terminal: ['quarter', 'day'],
};

/** Every level with each of its grains. */
export const KEPT: readonly { readonly level: Level; readonly grain: Grain }[] = LEVELS.flatMap((level) =>
  KEPT_GRAINS[level].map((grain) => ({ level, grain })),
);
