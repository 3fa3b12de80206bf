import { Inject, Injectable, type StreamableFile } from '@nestjs/common';
import type { Pool } from 'pg';
import { parseCode, type Problem } from '@tax-control/protocol';
import type { InvoiceRow, Page, PageQuery } from '@tax-control/protocol/console';
import { REPORTS_POOL } from '../../database/database.module.js';
import type { FiledInvoice } from '../../ledger/find-rows.js';
import { type InvoiceCriteria, searchInvoices, searchSequences } from '../../ledger/search-invoices.js';
import { findBySequences } from '../../ledger/shop-invoices.js';
import { AuditTrail } from '../../audit-trail/audit-trail.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import { readPremisesNames } from '../../registry/premises-names.js';
import { EXPORT_ROWS_MAX, TableExports } from '../csv/table-exports.js';
import { pageOf, sliceOf } from '../page-of.js';
import { criteriaOf, type InvoiceSearchBody, judgeSearch, pageOf as pageAsked } from './invoice-bodies.js';
import { INVOICE_COLUMNS, invoiceRowOf } from './invoice-rows.js';

const NOTHING: readonly InvoiceRow[] = [];

/** Finds invoices for officials, each search with its reason in the audit trail before the answer. */
@Injectable()
export class InvoiceSearch {
  constructor(
    @Inject(REPORTS_POOL) private readonly pool: Pool,
    private readonly trail: AuditTrail,
    private readonly exports: TableExports,
  ) {}

  async find(
    official: SignedInOfficial,
    body: InvoiceSearchBody,
    isCsv: boolean,
  ): Promise<Page<InvoiceRow> | StreamableFile | Problem> {
    const refusal = judgeSearch(body);
    if (refusal !== null) return refusal;
    const { reason, ...sought } = body;
    await this.trail.record(official, { action: 'invoices.searched', reason, facts: { sought } });
    const criteria = criteriaOf(body);
    const code = body.code === undefined ? null : parseCode(body.code)?.code;
    const view = official.visiblePremises;
    let sequences: readonly number[] | undefined;
    const read = async (sought: InvoiceCriteria, page: PageQuery): Promise<FiledInvoice[]> => {
      const { offset, limit } = sliceOf(page);
      if (!isCsv) return searchInvoices(this.pool, sought, view, { offset, limit });
      // No index has the order of sales: each page would look for all of them again.
      sequences ??= await searchSequences(this.pool, sought, view, EXPORT_ROWS_MAX + 1);
      return findBySequences(this.pool, sequences.slice(offset, offset + limit));
    };
    return this.exports.pages(
      official,
      'invoices',
      { isCsv, pageQuery: () => pageAsked(body) },
      INVOICE_COLUMNS,
      async (page) => {
        const found = criteria === null ? pageOf(NOTHING, page) : await this.#page(await read(criteria, page), page);
        // A code of which only the number is right is not on file.
        return code === null ? found : { ...found, items: found.items.filter((row) => row.code === code) };
      },
    );
  }

  async #page(filed: readonly FiledInvoice[], page: PageQuery): Promise<Page<InvoiceRow>> {
    const names = await readPremisesNames(
      this.pool,
      filed.map(({ row }) => row.premisesId),
    );
    return pageOf(
      filed.map((one) => invoiceRowOf(one, names)),
      page,
    );
  }
}
