import { isDeepStrictEqual } from 'node:util';
import type { TaxRate } from '@tax-control/protocol';
import { IN_FORCE_SOMEWHERE, listTaxRates, readNewestVersion } from './parameters-store.js';
import type { Sql } from './sql.js';
import { type Fit, fitTaxRate, rateThatGoesOn } from './tax-rates.js';
import { TillSettings } from './till-settings.js';

/**
 * Whoever publishes holds this lock until the commit. Otherwise version 6 could be read before version 5 is there,
 * and would change its content when 5 comes: tills that took 6 would never learn of it.
 */
const LOCK = `SELECT pg_advisory_xact_lock(hashtext('parameters_version'))`;

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
