import type { Page, PageQuery } from '@tax-control/protocol/console';
import type { Slice } from '../registry/registry-lists.js';

/**
 * Where a page begins and how many rows to read: one more than it shows, which tells whether there are more.
 * @param after id of the last row before it, if that is known: the page is found by its index, wherever it lies
 */
export function sliceOf({ page, pageSize }: PageQuery, after?: string): Slice {
  return { offset: after === undefined ? (page - 1) * pageSize : 0, limit: pageSize + 1, after };
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
