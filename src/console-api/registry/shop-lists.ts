import { Inject, Injectable, type StreamableFile } from '@nestjs/common';
import type { Pool } from 'pg';
import type { Page, PremisesRow, RegionRow, TaxpayerRow } from '@tax-control/protocol/console';
import { REPORTS_POOL } from '../../database/database.module.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import { readTimeZones } from '../../registry/parameters-store.js';
import { listCountedPremises, listCountedTaxpayers, listRegions } from '../../registry/registry-lists.js';
import { columns } from '../csv/table.js';
import { TableExports } from '../csv/table-exports.js';
import { pageOf, sliceOf } from '../page-of.js';
import type { ListParameters } from '../query/list-parameters.js';
import type { PageParameters } from '../query/page-parameters.js';

const TAXPAYER_COLUMNS = columns<TaxpayerRow>('taxpayerId', 'name', 'createdAt', 'premises', 'terminals');
const PREMISES_COLUMNS = columns<PremisesRow>(
  'premisesId',
  'taxpayerId',
  'taxpayerName',
  'name',
  'region',
  'activity',
  'address',
  'timeZone',
  'createdAt',
  'terminals',
);
const REGION_COLUMNS = columns<RegionRow>('region', 'premises');

/** Taxpayers, premises and regions, from which everybody picks filters. */
@Injectable()
export class ShopLists {
  constructor(
    @Inject(REPORTS_POOL) private readonly pool: Pool,
    private readonly exports: TableExports,
  ) {}

  taxpayers(official: SignedInOfficial, query: ListParameters): Promise<Page<TaxpayerRow> | StreamableFile> {
    return this.exports.pages(official, 'taxpayers', query, TAXPAYER_COLUMNS, async (page, last) => {
      const rows = await listCountedTaxpayers(
        this.pool,
        official.visiblePremises,
        query.text ?? null,
        sliceOf(page, last?.taxpayerId),
      );
      return pageOf(rows.map(withTime), page);
    });
  }

  premises(official: SignedInOfficial, query: ListParameters): Promise<Page<PremisesRow> | StreamableFile> {
    return this.exports.pages(official, 'premises', query, PREMISES_COLUMNS, async (page, last) => {
      const { taxpayerIds = null, regions = null } = query.filter();
      const criteria = { text: query.text ?? null, taxpayerIds, regions };
      const rows = await listCountedPremises(
        this.pool,
        official.visiblePremises,
        criteria,
        sliceOf(page, last?.premisesId),
      );
      const zones = await readTimeZones(this.pool);
      const zoned = rows.map((row) => ({ ...row, timeZone: zones.premises.get(row.premisesId) ?? zones.timeZone }));
      return pageOf(zoned.map(withTime), page);
    });
  }

  regions(official: SignedInOfficial, query: PageParameters): Promise<Page<RegionRow> | StreamableFile> {
    return this.exports.pages(official, 'regions', query, REGION_COLUMNS, async (page, last) =>
      pageOf(await listRegions(this.pool, official.visiblePremises, sliceOf(page, last?.region)), page),
    );
  }
}

function withTime<Row extends { readonly createdAt: Date }>(row: Row): Omit<Row, 'createdAt'> & { createdAt: string } {
  return { ...row, createdAt: row.createdAt.toISOString() };
}
