import type { Page, PageQuery } from '@tax-control/protocol/console';

/** Where a page begins and how many rows to read: one more than it shows, which tells whether there are more. */
export function sliceOf({ page, pageSize }: PageQuery): { readonly offset: number; readonly limit: number } {
  return { offset: (page - 1) * pageSize, limit: pageSize + 1 };
}

/** The page of rows that were read by {@link sliceOf}. */
export function pageOf<Row>(rows: readonly Row[], { page, pageSize }: PageQuery): Page<Row> {
  return { items: rows.slice(0, pageSize), page, pageSize, more: rows.length > pageSize, total: null };
}

/** The page of a list that is at hand as a whole. */
export function pageOfAll<Row>(rows: readonly Row[], { page, pageSize }: PageQuery): Page<Row> {
  const from = (page - 1) * pageSize;
  const items = rows.slice(from, from + pageSize);
  return { items, page, pageSize, more: from + pageSize < rows.length, total: rows.length };
}
