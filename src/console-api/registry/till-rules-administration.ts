import { Inject, Injectable, type StreamableFile } from '@nestjs/common';
import type { Pool } from 'pg';
import { type Problem, problem, type TaxRate } from '@tax-control/protocol';
import type { ListedParameters, ParametersHistory, ParametersVersion, TaxRateRow } from '@tax-control/protocol/console';
import { REPORTS_POOL } from '../../database/database.module.js';
import { inTransaction } from '../../database/transaction.js';
import { AuditTrail } from '../../officials/audit-trail.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import { sees } from '../../officials/view.js';
import {
  addTaxRate,
  listRecordedTaxRates,
  listVersions,
  publishSettings,
  readNewestVersion,
  removeTaxRate,
  type VersionOfSettings,
} from '../../registry/parameters-store.js';
import { unknownPremises } from '../../registry/taxpayers.js';
import { columns, table } from '../csv/table.js';
import { TableExports } from '../csv/table-exports.js';
import type { FormatParameters } from '../query/format-parameters.js';
import type { ParametersBody, TaxRateRemovalBody } from './registry-bodies.js';
import { changedSettings, differencesOf, premisesOfBody, wireSettings } from './settings-of-body.js';

/** Versions shown: a change a week for two years. */
const VERSIONS_SHOWN = 100;

const VERSION_TABLE = table<ParametersHistory, ListedParameters>(
  'versions',
  ({ versions }) => versions,
  columns<ListedParameters>('version', 'publishedAt', ['settings', ({ settings }) => JSON.stringify(settings)]),
);
const RATE_TABLE = table<readonly TaxRateRow[], TaxRateRow>(
  'rates',
  (rates) => rates,
  columns<TaxRateRow>(
    'category',
    'rate',
    'from',
    'until',
    ['levy', ({ levy }) => levy ?? null],
    'createdAt',
    'removable',
  ),
);

/** Parameters and tax rates: what holds for all tills, and so is changed only by who sees all of them. */
@Injectable()
export class TillRulesAdministration {
  constructor(
    @Inject(REPORTS_POOL) private readonly pool: Pool,
    private readonly trail: AuditTrail,
    private readonly exports: TableExports,
  ) {}

  parameters(
    official: SignedInOfficial,
    query: FormatParameters,
  ): Promise<ParametersHistory | StreamableFile | Problem> {
    return this.exports.report(official, 'parameters', query, [VERSION_TABLE], async () => {
      const versions = await listVersions(this.pool, VERSIONS_SHOWN);
      const [newest] = versions;
      const current = newest === undefined ? null : visibleVersion(newest, official);
      return { current, versions: versions.map(listedVersion) };
    });
  }

  async publish(official: SignedInOfficial, body: ParametersBody): Promise<ParametersVersion | Problem> {
    if (official.view.kind !== 'all') return problem('view_too_narrow');
    return inTransaction(this.pool, async (client) => {
      let refusal: Problem | null = null;
      let changes: Record<string, unknown> = {};
      const unknown = await unknownPremises(client, premisesOfBody(body));
      const published = await publishSettings(client, (present) => {
        const changed = changedSettings(present, body, unknown);
        changes = differencesOf(body, wireSettings(present));
        if (changed.ok) return changed.settings;
        refusal = changed.problem;
        return null;
      });
      const newest = await readNewestVersion(client);
      if (published === null || newest === null) return refusal ?? problem('parameters_missing');
      if (!published.isNew) return wireVersion(newest);
      await this.trail.record(
        official,
        {
          action: 'parameters.published',
          subject: String(published.version),
          facts: { changes },
        },
        client,
      );
      return wireVersion(newest);
    });
  }

  taxRates(
    official: SignedInOfficial,
    query: FormatParameters,
  ): Promise<readonly TaxRateRow[] | StreamableFile | Problem> {
    return this.exports.report(official, 'tax-rates', query, [RATE_TABLE], async () =>
      (await listRecordedTaxRates(this.pool)).map((rate) => ({ ...rate, createdAt: rate.createdAt.toISOString() })),
    );
  }

  async addRate(official: SignedInOfficial, rate: TaxRate): Promise<TaxRate | Problem> {
    if (official.view.kind !== 'all') return problem('view_too_narrow');
    if (rate.until !== null && rate.until < rate.from) return problem('period_backwards');
    return inTransaction(this.pool, async (client) => {
      const fit = await addTaxRate(client, rate);
      if (!fit.fits) return problem('rate_in_the_way', { detail: inTheWay(fit.inTheWay) });
      const facts = { rate: fit.rate, ended: fit.ended, version: fit.version };
      await this.trail.record(official, { action: 'tax_rate.added', subject: rate.category, facts }, client);
      return fit.rate;
    });
  }

  async removeRate(official: SignedInOfficial, { category, from }: TaxRateRemovalBody): Promise<TaxRate | Problem> {
    if (official.view.kind !== 'all') return problem('view_too_narrow');
    return inTransaction(this.pool, async (client) => {
      const removal = await removeTaxRate(client, category, from);
      if (removal.result === 'unknown') return problem('not_on_file');
      if (removal.result === 'in_force') return problem('rate_in_force');
      const { removed, reopened, version } = removal;
      const facts = { removed, reopened, version };
      await this.trail.record(official, { action: 'tax_rate.removed', subject: category, facts }, client);
      return removed;
    });
  }
}

function wireVersion({ version, publishedAt, settings }: VersionOfSettings): ParametersVersion {
  return { version, publishedAt: publishedAt.toISOString(), settings: wireSettings(settings) };
}

/** With the zones of those premises alone that the official sees. */
function visibleVersion(version: VersionOfSettings, { visiblePremises }: SignedInOfficial): ParametersVersion {
  const { settings, ...rest } = wireVersion(version);
  const zones = Object.entries(settings.premisesTimeZones).filter(([premisesId]) => sees(visiblePremises, premisesId));
  return { ...rest, settings: { ...settings, premisesTimeZones: Object.fromEntries(zones) } };
}

function listedVersion(version: VersionOfSettings): ListedParameters {
  const { settings, ...rest } = wireVersion(version);
  const { premisesTimeZones, ...others } = settings;
  return { ...rest, settings: { ...others, premisesInOtherZones: Object.keys(premisesTimeZones).length } };
}

function inTheWay({ rate, from, until }: TaxRate): string {
  return `${rate} % holds from ${from}${until === null ? ' on' : ` to ${until}`}: choose days outside of it.`;
}
