import type { TaxRate } from '@tax-control/protocol';
import type { Sql } from './sql.js';
import { TillSettings } from './till-settings.js';

/** One version of what tills are told: all of it as it stood at one moment. */
export interface PublishedVersion {
  readonly version: number;
  readonly publishedAt: Date;
  readonly settings: TillSettings;
  readonly taxRates: readonly TaxRate[];
}

const TAX_RATES = `SELECT category, rate, valid_from::text AS "from", valid_until::text AS until, levy FROM tax_rate`;

/** A row of {@link TAX_RATES}; what is no levy has no such member in the document that tills are given. */
type TaxRateRow = Omit<TaxRate, 'levy'> & { readonly levy: NonNullable<TaxRate['levy']> | null };

function fromRow<Row extends TaxRateRow>({ levy, ...rate }: Row): Omit<Row, 'levy'> & Pick<TaxRate, 'levy'> {
  return { ...rate, ...(levy !== null && levy !== undefined && { levy }) };
}

/** The newest version, or null when none was published. One statement, and so one moment. */
export async function readNewestVersion(sql: Sql): Promise<PublishedVersion | null> {
  const { rows } = await sql.query<VersionRow>(
    `SELECT version, published_at, settings,
            (SELECT coalesce(json_agg(r ORDER BY r.category, r."from"), '[]') FROM (${TAX_RATES}) r) AS tax_rates
     FROM parameters_version ORDER BY version DESC LIMIT 1`,
  );
  const [row] = rows;
  if (row === undefined) return null;
  return {
    version: row.version,
    publishedAt: row.published_at,
    // A setting that a version from before does not have takes its default.
    settings: Object.assign(new TillSettings(), row.settings),
    taxRates: row.tax_rates.map(fromRow),
  };
}

/** A published version without the rates, which are the same for all of them. */
export type VersionOfSettings = Omit<PublishedVersion, 'taxRates'>;

/** Published versions, the newest first. */
export async function listVersions(sql: Sql, limit: number): Promise<VersionOfSettings[]> {
  const { rows } = await sql.query<Omit<VersionRow, 'tax_rates'>>(
    'SELECT version, published_at, settings FROM parameters_version ORDER BY version DESC LIMIT $1',
    [limit],
  );
  return rows.map((row) => ({
    version: row.version,
    publishedAt: row.published_at,
    settings: Object.assign(new TillSettings(), row.settings),
  }));
}

/** The zones (IANA names) of the newest version: of premises that are named, and of all others; null: none. */
export async function readTimeZones(
  sql: Sql,
): Promise<{ readonly timeZone: string | null; readonly premises: ReadonlyMap<string, string> }> {
  const [newest] = await listVersions(sql, 1);
  const { timeZone = null, premisesTimeZones = {} } = newest?.settings ?? {};
  return { timeZone, premises: new Map(Object.entries(premisesTimeZones)) };
}

/** A rate with when it was written down, and whether no till anywhere can have applied it yet. */
export interface RecordedTaxRate extends TaxRate {
  readonly createdAt: Date;
  readonly removable: boolean;
}

/** All tax rates, by category and first day. */
export async function listRecordedTaxRates(sql: Sql): Promise<RecordedTaxRate[]> {
  const { rows } = await sql.query<TaxRateRow & Omit<RecordedTaxRate, keyof TaxRate>>(
    `SELECT category, rate, valid_from::text AS "from", valid_until::text AS until, levy, created_at AS "createdAt",
            NOT ${IN_FORCE_SOMEWHERE} AS removable
     FROM tax_rate ORDER BY category, valid_from`,
  );
  return rows.map(fromRow);
}

/** East of Greenwich a business day begins up to fourteen hours before it does in UTC; the table's trigger says the same. */
export const IN_FORCE_SOMEWHERE = `valid_from <= (now() AT TIME ZONE 'UTC' + interval '14 hours')::date`;

/** All tax rates, or those of one category, by category and first day. */
export async function listTaxRates(sql: Sql, category: string | null = null): Promise<TaxRate[]> {
  const { rows } = await sql.query<TaxRateRow>(
    `${TAX_RATES} WHERE $1::text IS NULL OR category = $1 ORDER BY category, valid_from`,
    [category],
  );
  return rows.map(fromRow);
}

interface VersionRow {
  readonly version: number;
  readonly published_at: Date;
  readonly settings: Partial<TillSettings>;
  readonly tax_rates: TaxRateRow[];
}
