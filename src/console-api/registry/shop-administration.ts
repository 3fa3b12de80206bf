import { Inject, Injectable, type StreamableFile } from '@nestjs/common';
import type { Pool, PoolClient } from 'pg';
import { type Problem, problem } from '@tax-control/protocol';
import type { Page, PremisesRow, RegionRow, TaxpayerRow } from '@tax-control/protocol/console';
import { REPORTS_POOL } from '../../database/database.module.js';
import { inTransaction } from '../../database/transaction.js';
import { type AuditedAct, AuditTrail } from '../../officials/audit-trail.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import { sees } from '../../officials/view.js';
import { readTimeZones } from '../../registry/parameters-store.js';
import { listCountedPremises, listCountedTaxpayers, listRegions } from '../../registry/registry-lists.js';
import {
  addPremises,
  addTaxpayer,
  type Changed,
  changePremises,
  type Premises,
  type PremisesChange,
  renameTaxpayer,
  type Taxpayer,
} from '../../registry/taxpayers.js';
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

/** What of premises may be corrected. */
type PremisesDetails = Omit<PremisesChange, 'premisesId'>;

/** What an act came to, inside of its transaction. `unchanged`: nothing happened, so nothing is recorded. */
type Acted = Problem | 'unchanged' | null;

/** Taxpayers and premises: what operators register, and what everybody picks filters from. */
@Injectable()
export class ShopAdministration {
  constructor(
    @Inject(REPORTS_POOL) private readonly pool: Pool,
    private readonly trail: AuditTrail,
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

  /** A taxpayer belongs to no region, so only who sees the whole country adds one. */
  async addTaxpayer(official: SignedInOfficial, taxpayer: Taxpayer): Promise<Taxpayer | Problem> {
    if (official.view.kind !== 'all') return problem('view_too_narrow');
    const act = { action: 'taxpayer.added', subject: taxpayer.taxpayerId, facts: { name: taxpayer.name } } as const;
    return this.#act(official, act, taxpayer, async (client) =>
      (await addTaxpayer(client, taxpayer)) === 'exists' ? problem('exists_already') : null,
    );
  }

  async renameTaxpayer(official: SignedInOfficial, taxpayer: Taxpayer): Promise<Taxpayer | Problem> {
    if (official.view.kind !== 'all') return problem('view_too_narrow');
    const act = { action: 'taxpayer.changed', subject: taxpayer.taxpayerId, facts: { name: taxpayer.name } } as const;
    return this.#act(official, act, taxpayer, async (client) => acted(await renameTaxpayer(client, taxpayer)));
  }

  async addPremises(official: SignedInOfficial, premises: Premises): Promise<Premises | Problem> {
    if (!maySettle(official, premises)) return problem('view_too_narrow');
    const act = { action: 'premises.added', subject: premises.premisesId, facts: { ...premises } } as const;
    return this.#act(official, act, premises, async (client) => {
      const added = await addPremises(client, premises);
      if (added === 'taxpayer_unknown') return problem('taxpayer_unknown');
      return added === 'exists' ? problem('exists_already') : null;
    });
  }

  async changePremises(
    official: SignedInOfficial,
    premisesId: string,
    change: PremisesDetails,
  ): Promise<PremisesDetails | Problem> {
    if (!sees(official.visiblePremises, premisesId)) return problem('not_on_file');
    if (official.view.kind === 'regions' && !official.view.regions.includes(change.region))
      return problem('view_too_narrow');
    const act = { action: 'premises.changed', subject: premisesId, facts: { ...change } } as const;
    return this.#act(official, act, change, async (client) =>
      acted(await changePremises(client, { premisesId, ...change })),
    );
  }

  /** Does something and records it in one transaction; a refusal, and what changed nothing, leave no trace. */
  #act<Result>(
    official: SignedInOfficial,
    act: AuditedAct,
    result: Result,
    work: (client: PoolClient) => Promise<Acted>,
  ): Promise<Result | Problem> {
    return inTransaction(this.pool, async (client) => {
      const outcome = await work(client);
      if (outcome !== null && outcome !== 'unchanged') return outcome;
      if (outcome === null) await this.trail.record(official, act, client);
      return result;
    });
  }
}

function acted(result: Changed): Acted {
  if (result === 'unknown') return problem('not_on_file');
  return result === 'unchanged' ? result : null;
}

/** Whether premises that are new would be within an official's view. */
function maySettle({ view }: SignedInOfficial, { region, taxpayerId }: Premises): boolean {
  if (view.kind === 'all') return true;
  return view.kind === 'regions' ? view.regions.includes(region) : view.taxpayerIds.includes(taxpayerId);
}

function withTime<Row extends { readonly createdAt: Date }>(row: Row): Omit<Row, 'createdAt'> & { createdAt: string } {
  return { ...row, createdAt: row.createdAt.toISOString() };
}
