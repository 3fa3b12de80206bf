import { Inject, Injectable, type StreamableFile } from '@nestjs/common';
import type { Pool } from 'pg';
import type { Page, RefusedInvoiceRow } from '@tax-control/protocol/console';
import { REPORTS_POOL } from '../../database/database.module.js';
import { listRefused } from '../../ledger/refused-rows.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import { readPremisesNames } from '../../registry/premises-names.js';
import { PremisesDirectory } from '../../registry/premises-directory.js';
import { terminalIdsWithin } from '../../registry/terminal-scope.js';
import { TableExports } from '../csv/table-exports.js';
import { columns } from '../csv/table.js';
import { pageOf, sliceOf } from '../page-of.js';
import type { ReportParameters } from '../query/report-parameters.js';

const COLUMNS = columns<RefusedInvoiceRow>(
  'refusedId',
  'refusedAt',
  'terminalId',
  'premisesId',
  'premisesName',
  'region',
  'taxpayerId',
  'door',
  'cause',
  'detail',
  ['pointers', ({ pointers }) => pointers.join(' ')],
  'invoiceId',
  'journalId',
  'counter',
  'digest',
);

/** What was sent and never got a code. */
@Injectable()
export class RefusedList {
  constructor(
    @Inject(REPORTS_POOL) private readonly pool: Pool,
    private readonly premises: PremisesDirectory,
    private readonly exports: TableExports,
  ) {}

  async list(official: SignedInOfficial, query: ReportParameters): Promise<Page<RefusedInvoiceRow> | StreamableFile> {
    const { from, to } = query.period();
    const terminalIds = await terminalIdsWithin(this.pool, official.visiblePremises, query.filter());
    return this.exports.pages(official, 'refused-invoices', query, COLUMNS, async (page, last) => {
      const rows = await listRefused(this.pool, { terminalIds, from, to }, sliceOf(page, last?.refusedId));
      const stands = await this.premises.ofTerminals(rows.map(({ terminalId }) => terminalId));
      const premisesOf = new Map(stands.map(({ terminalId, premisesId }) => [terminalId, premisesId]));
      const names = await readPremisesNames(this.pool, [...premisesOf.values()]);
      return pageOf(
        rows.map((row) => {
          const premisesId = premisesOf.get(row.terminalId) ?? '';
          const { name = '', region = '', taxpayerId = '' } = names.get(premisesId) ?? {};
          return { ...row, refusedAt: row.refusedAt.toISOString(), premisesId, premisesName: name, region, taxpayerId };
        }),
        page,
      );
    });
  }
}
