import type { Missing } from '@tax-control/protocol/console';

/** What a finding is judged by beside its row. @property now milliseconds; @property limitHours how long an invoice may wait */
export interface FindingContext {
  readonly now: number;
  readonly limitHours: number;
}

/**
 * One kind of what is missing: a query over the terminals in view (parameters `$1` to `$5`, then what `values` gives), in an
 * order that paging can rely on, and how a row of it is shown.
 */
export interface Finding<Row, Item extends Missing> {
  readonly sql: string;
  readonly values?: (context: FindingContext) => unknown[];
  readonly toItem: (row: Row, context: FindingContext) => Item;
}
