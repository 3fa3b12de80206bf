import { isDeepStrictEqual } from 'node:util';
import type { TaxRate } from '@tax-control/protocol';
import type { Sql } from './sql.js';
import { type Fit, fitTaxRate, rateThatGoesOn } from './tax-rates.js';
import { TillSettings } from './till-settings.js';

/** One version of what tills are told: all of it as it stood at one moment. */
export interface PublishedVersion {
  readonly version: number;
  readonly publishedAt: Date;
  readonly settings: TillSettings;
  readonly taxRates: readonly TaxRate[];
}

/**
 * Whoever publishes holds this lock until the commit. Otherwise version 6 could be read before version 5 is there,
 * and would change its content when 5 comes: tills that took 6 would never learn of it.
 */
const LOCK = `SELECT pg_advisory_xact_lock(hashtext('parameters_version'))`;

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

/** `isNew`: this published it; else the settings are those that were in force already, and no till fetches them again. */
export interface Publication {
  readonly version: number;
  readonly isNew: boolean;
}

/**
 * Publishes settings, as changed from the present ones, as a new version, if anything is different. Idempotent. Needs a transaction.
 * @param change gets a copy of the present settings, or the defaults where there are none
 * @returns null when `change` does
 */
export async function publishSettings(
  sql: Sql,
  change: (present: TillSettings) => TillSettings | null | Promise<TillSettings | null>,
): Promise<Publication | null> {
  await sql.query(LOCK);
  const newest = await readNewestVersion(sql);
  const settings = await change(Object.assign(new TillSettings(), newest?.settings));
  if (settings === null) return null;
  if (newest !== null && isDeepStrictEqual(Object.entries(newest.settings), Object.entries(settings)))
    return { version: newest.version, isNew: false };
  return { version: await insertVersion(sql, settings), isNew: true };
}

/**
 * Adds a tax rate where it fits in, and publishes a new version if one was published before. Needs a transaction.
 * @returns how it fits, and the new version's number
 */
export async function addTaxRate(sql: Sql, rate: TaxRate): Promise<Fit & { readonly version: number | null }> {
  await sql.query(LOCK);
  const others = await listTaxRates(sql, rate.category);
  const fit = fitTaxRate(rate, others);
  if (!fit.fits) return { ...fit, version: null };
  if (fit.ended !== null) await endTaxRate(sql, fit.ended);
  await sql.query('INSERT INTO tax_rate (category, rate, valid_from, valid_until, levy) VALUES ($1, $2, $3, $4, $5)', [
    rate.category,
    rate.rate,
    fit.rate.from,
    fit.rate.until,
    rate.levy ?? null,
  ]);
  return { ...fit, version: await publishAgain(sql) };
}

/**
 * Takes back a rate that no till can have applied yet; the one that ended for its sake goes on. Publishes a new version
 * if one was published before. Needs a transaction.
 * @param from first day of the rate
 */
export async function removeTaxRate(
  sql: Sql,
  category: string,
  from: string,
): Promise<{ readonly result: 'unknown' } | { readonly result: 'in_force' } | RemovedTaxRate> {
  await sql.query(LOCK);
  const rates = await listTaxRates(sql, category);
  const removed = rates.find((rate) => rate.from === from);
  if (removed === undefined) return { result: 'unknown' };
  const { rowCount } = await sql.query(
    `DELETE FROM tax_rate WHERE category = $1 AND valid_from = $2::date AND NOT ${IN_FORCE_SOMEWHERE}`,
    [category, from],
  );
  if (rowCount === 0) return { result: 'in_force' };
  const reopened = rateThatGoesOn(removed, rates);
  if (reopened !== null) await endTaxRate(sql, reopened);
  return { result: 'removed', removed, reopened, version: await publishAgain(sql) };
}

/** What was taken back, the rate before it as it goes on, and the new version. */
export interface RemovedTaxRate {
  readonly result: 'removed';
  readonly removed: TaxRate;
  readonly reopened: TaxRate | null;
  readonly version: number | null;
}

/** East of Greenwich a business day begins up to fourteen hours before it does in UTC; the table's trigger says the same. */
const IN_FORCE_SOMEWHERE = `valid_from <= (now() AT TIME ZONE 'UTC' + interval '14 hours')::date`;

/** All tax rates, or those of one category, by category and first day. */
export async function listTaxRates(sql: Sql, category: string | null = null): Promise<TaxRate[]> {
  const { rows } = await sql.query<TaxRateRow>(
    `${TAX_RATES} WHERE $1::text IS NULL OR category = $1 ORDER BY category, valid_from`,
    [category],
  );
  return rows.map(fromRow);
}

async function endTaxRate(sql: Sql, { category, from, until }: TaxRate): Promise<void> {
  await sql.query('UPDATE tax_rate SET valid_until = $3 WHERE category = $1 AND valid_from = $2', [
    category,
    from,
    until,
  ]);
}

/** The same settings as a new version, because something else has changed; null where none was published yet. */
async function publishAgain(sql: Sql): Promise<number | null> {
  const newest = await readNewestVersion(sql);
  return newest === null ? null : insertVersion(sql, newest.settings);
}

async function insertVersion(sql: Sql, settings: TillSettings): Promise<number> {
  const { rows } = await sql.query<{ version: number }>(
    'INSERT INTO parameters_version (settings) VALUES ($1) RETURNING version',
    [JSON.stringify(settings)],
  );
  if (rows[0] === undefined) throw new Error('INSERT … RETURNING gave no row');
  return rows[0].version;
}

interface VersionRow {
  readonly version: number;
  readonly published_at: Date;
  readonly settings: Partial<TillSettings>;
  readonly tax_rates: TaxRateRow[];
}
