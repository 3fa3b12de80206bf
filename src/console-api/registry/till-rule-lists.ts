import { Inject, Injectable, type StreamableFile } from '@nestjs/common';
import type { Pool } from 'pg';
import type { Problem } from '@tax-control/protocol';
import type { ListedParameters, ParametersHistory, ParametersVersion, TaxRateRow } from '@tax-control/protocol/console';
import { REPORTS_POOL } from '../../database/database.module.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import { sees } from '../../officials/view.js';
import { listRecordedTaxRates, listVersions, type VersionOfSettings } from '../../registry/parameters-store.js';
import { wireSettings } from '../../registry/wire-settings.js';
import { columns, table } from '../csv/table.js';
import { TableExports } from '../csv/table-exports.js';
import type { FormatParameters } from '../query/format-parameters.js';

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

/** Parameters and tax rates: what holds for all tills. */
@Injectable()
export class TillRuleLists {
  constructor(
    @Inject(REPORTS_POOL) private readonly pool: Pool,
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

  taxRates(
    official: SignedInOfficial,
    query: FormatParameters,
  ): Promise<readonly TaxRateRow[] | StreamableFile | Problem> {
    return this.exports.report(official, 'tax-rates', query, [RATE_TABLE], async () =>
      (await listRecordedTaxRates(this.pool)).map((rate) => ({ ...rate, createdAt: rate.createdAt.toISOString() })),
    );
  }
}

/** A version in the console's words. */
export function wireVersion({ version, publishedAt, settings }: VersionOfSettings): ParametersVersion {
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
