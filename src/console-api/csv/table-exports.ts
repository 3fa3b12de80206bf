import { Injectable, StreamableFile } from '@nestjs/common';
import { type Problem, problem } from '@tax-control/protocol';
import type { Page, PageQuery } from '@tax-control/protocol/console';
import { AuditTrail } from '../../audit-trail/audit-trail.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import { ExportStream } from '../exports/export-stream.js';
import { RunningExports } from '../exports/running-exports.js';
import { type Cell, csvRow } from './cell.js';
import type { Column, Table } from './table.js';

/** So that spreadsheets take the text for UTF-8, and Chinese names stay readable. */
const BYTE_ORDER_MARK = '\u{FEFF}';
/** Rows asked for at once while a table is written: one round to the database for each thousand. */
const EXPORT_PAGE_SIZE = 1_000;
/** Rows of one file: a spreadsheet takes a million, a person none of them; what was left off is said in the last row. */
export const EXPORT_ROWS_MAX = 100_000;
const REST = `More than ${EXPORT_ROWS_MAX} rows: narrow the filter or the period to get the rest.`;

/** A request for a table: as JSON page by page, or all of it as CSV. */
export interface TableRequest {
  readonly isCsv: boolean;
  pageQuery(): PageQuery;
}

/** A request for a report with several tables. */
export interface ReportRequest {
  readonly isCsv: boolean;
  readonly table?: string;
}

/** Gives tables and reports as JSON, or writes them as CSV and says so in the audit trail. */
@Injectable()
export class TableExports {
  constructor(
    private readonly trail: AuditTrail,
    private readonly running: RunningExports,
  ) {}

  /**
   * A page as JSON, or every page as one CSV that is written while it is read.
   * @param read `last`: the last row of the page before, while a CSV is written. To go on from it takes as long at the end of a
   *   list as at its beginning, and no row comes twice or is left out when others are added meanwhile.
   */
  async pages<Row>(
    official: SignedInOfficial,
    name: string,
    request: TableRequest,
    rowColumns: readonly Column<Row>[],
    read: (page: PageQuery, last?: Row) => Promise<Page<Row>>,
  ): Promise<Page<Row> | StreamableFile> {
    if (!request.isCsv) return read(request.pageQuery());
    return this.#write(official, name, request, async () => {
      // Asked for before anything is sent, so that a failure is told as one.
      const first = await read({ page: 1, pageSize: EXPORT_PAGE_SIZE });
      return pagedLines(first, rowColumns, read);
    });
  }

  /** A report as JSON, or the one of its tables that is named as CSV; the first one where none is. */
  async report<Report>(
    official: SignedInOfficial,
    name: string,
    request: ReportRequest,
    tables: readonly Table<Report>[],
    read: () => Promise<Report>,
  ): Promise<Report | StreamableFile | Problem> {
    if (!request.isCsv) return read();
    const table = tables.find((one) => one.name === (request.table ?? tables[0]?.name));
    if (table === undefined)
      return problem('table_unknown', { detail: `Name one of: ${tables.map((one) => one.name).join(', ')}.` });
    return this.#write(official, `${name}-${table.name}`, request, async () => textOf(table.lines(await read())));
  }

  /** Rows that are read one after the other, as one CSV that is written meanwhile. */
  rows<Row>(
    official: SignedInOfficial,
    name: string,
    request: object,
    rowColumns: readonly Column<Row>[],
    rows: Iterable<Row> | AsyncIterable<Row>,
  ): Promise<StreamableFile> {
    return this.#write(official, name, request, () => Promise.resolve(rowLines(rowColumns, rows)));
  }

  /** `request` holds what was asked for, as texts that were checked. */
  async #write(
    official: SignedInOfficial,
    name: string,
    request: object,
    open: () => Promise<AsyncGenerator<string>>,
  ): Promise<StreamableFile> {
    const text = await this.running.run(official, 'table', async () => {
      const lines = await open();
      await this.trail.record(official, { action: 'csv.exported', subject: name, facts: { query: { ...request } } });
      return new ExportStream(lines);
    });
    return new StreamableFile(text, {
      type: 'text/csv; charset=utf-8; header=present',
      disposition: `attachment; filename="${name}.csv"`,
    });
  }
}

async function* textOf(lines: Iterable<readonly Cell[]>): AsyncGenerator<string> {
  yield BYTE_ORDER_MARK;
  for (const line of lines) yield csvRow(line);
}

async function* rowLines<Row>(
  rowColumns: readonly Column<Row>[],
  rows: Iterable<Row> | AsyncIterable<Row>,
): AsyncGenerator<string> {
  yield BYTE_ORDER_MARK + csvRow(rowColumns.map(({ heading }) => heading));
  let left = EXPORT_ROWS_MAX;
  for await (const row of rows) {
    if (left === 0) {
      yield csvRow([REST]);
      return;
    }
    left -= 1;
    yield csvRow(rowColumns.map(({ cell }) => cell(row)));
  }
}

async function* pagedLines<Row>(
  first: Page<Row>,
  rowColumns: readonly Column<Row>[],
  read: (page: PageQuery, last?: Row) => Promise<Page<Row>>,
): AsyncGenerator<string> {
  yield BYTE_ORDER_MARK + csvRow(rowColumns.map(({ heading }) => heading));
  let page = first;
  for (let written = 0; ;) {
    written += page.items.length;
    yield page.items.map((row) => csvRow(rowColumns.map(({ cell }) => cell(row)))).join('');
    if (!page.more) return;
    if (written >= EXPORT_ROWS_MAX) {
      yield csvRow([REST]);
      return;
    }
    page = await read({ page: page.page + 1, pageSize: EXPORT_PAGE_SIZE }, page.items.at(-1));
  }
}
