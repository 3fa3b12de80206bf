import type { Sql } from './sql.js';

/** Who owes the tax. */
export interface Taxpayer {
  readonly taxpayerId: string;
  readonly name: string;
}

/** A place of business; statistics count by its region and activity. */
export interface Premises {
  readonly premisesId: string;
  readonly taxpayerId: string;
  readonly name: string;
  readonly region: string;
  readonly activity: string;
  readonly address: string;
}

/** What of premises may be corrected; whose they are never changes. */
export type PremisesDetails = Omit<Premises, 'premisesId' | 'taxpayerId'>;

/** All taxpayers, by id. */
export async function listTaxpayers(sql: Sql): Promise<Taxpayer[]> {
  const { rows } = await sql.query<{ taxpayer_id: string; name: string }>(
    'SELECT taxpayer_id, name FROM taxpayer ORDER BY taxpayer_id',
  );
  return rows.map((row) => ({ taxpayerId: row.taxpayer_id, name: row.name }));
}

/** All premises, or those of one taxpayer, by id. */
export async function listPremises(sql: Sql, taxpayerId: string | null = null): Promise<Premises[]> {
  const { rows } = await sql.query<PremisesRow>(
    `SELECT premises_id, taxpayer_id, name, region, activity, address FROM premises
     WHERE $1::text IS NULL OR taxpayer_id = $1 ORDER BY premises_id`,
    [taxpayerId],
  );
  return rows.map(({ premises_id, taxpayer_id, ...rest }) => ({
    premisesId: premises_id,
    taxpayerId: taxpayer_id,
    ...rest,
  }));
}

/** How a shop calls itself to its customers. */
export interface Shop {
  readonly taxpayer: string;
  readonly premises: string;
  readonly address: string;
}

/** The names of premises and of their taxpayer; null where there are no such premises. */
export async function findShop(sql: Sql, premisesId: string): Promise<Shop | null> {
  const { rows } = await sql.query<Shop>(
    `SELECT taxpayer.name AS taxpayer, premises.name AS premises, premises.address
     FROM premises JOIN taxpayer USING (taxpayer_id) WHERE premises_id = $1`,
    [premisesId],
  );
  return rows[0] ?? null;
}

/** Ids of the premises in some regions, sorted. */
export function premisesOfRegions(sql: Sql, regions: readonly string[]): Promise<string[]> {
  return premisesWhere(sql, 'region = ANY($1)', regions);
}

/** Ids of the premises of some taxpayers, sorted. */
export function premisesOfTaxpayers(sql: Sql, taxpayerIds: readonly string[]): Promise<string[]> {
  return premisesWhere(sql, 'taxpayer_id = ANY($1)', taxpayerIds);
}

async function premisesWhere(sql: Sql, condition: string, values: readonly string[]): Promise<string[]> {
  const { rows } = await sql.query<{ premises_id: string }>(
    `SELECT premises_id FROM premises WHERE ${condition} ORDER BY premises_id`,
    [values],
  );
  return rows.map(({ premises_id }) => premises_id);
}

/** Those of some regions in which no premises are. */
export async function unknownRegions(sql: Sql, regions: readonly string[]): Promise<string[]> {
  const { rows } = await sql.query<{ region: string }>(
    `SELECT DISTINCT region FROM unnest($1::text[]) AS given (region)
     WHERE NOT EXISTS (SELECT FROM premises WHERE premises.region = given.region) ORDER BY region`,
    [regions],
  );
  return rows.map(({ region }) => region);
}

/** Those of some premises, by id, that are not registered; sorted. */
export async function unknownPremises(sql: Sql, premisesIds: readonly string[]): Promise<string[]> {
  const { rows } = await sql.query<{ premises_id: string }>(
    `SELECT DISTINCT premises_id FROM unnest($1::text[]) AS given (premises_id)
     WHERE NOT EXISTS (SELECT FROM premises WHERE premises.premises_id = given.premises_id) ORDER BY premises_id`,
    [premisesIds],
  );
  return rows.map(({ premises_id }) => premises_id);
}

/** Those of some taxpayers that are not registered. */
export async function unknownTaxpayers(sql: Sql, taxpayerIds: readonly string[]): Promise<string[]> {
  const { rows } = await sql.query<{ taxpayer_id: string }>(
    `SELECT DISTINCT taxpayer_id FROM unnest($1::text[]) AS given (taxpayer_id)
     WHERE NOT EXISTS (SELECT FROM taxpayer WHERE taxpayer.taxpayer_id = given.taxpayer_id) ORDER BY taxpayer_id`,
    [taxpayerIds],
  );
  return rows.map(({ taxpayer_id }) => taxpayer_id);
}

interface PremisesRow {
  readonly premises_id: string;
  readonly taxpayer_id: string;
  readonly name: string;
  readonly region: string;
  readonly activity: string;
  readonly address: string;
}
