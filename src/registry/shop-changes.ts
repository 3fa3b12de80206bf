import type { Sql } from './sql.js';
import type { Premises, PremisesDetails, Taxpayer } from './taxpayers.js';

/** Registers a taxpayer. Relies on the primary key; adding one that is there changes nothing. */
export async function addTaxpayer(sql: Sql, { taxpayerId, name }: Taxpayer): Promise<'added' | 'exists'> {
  const { rowCount } = await sql.query(
    'INSERT INTO taxpayer (taxpayer_id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING',
    [taxpayerId, name],
  );
  return rowCount === 1 ? 'added' : 'exists';
}

/** Gives a taxpayer another name. Idempotent. `unchanged`: it has this name already. */
export async function renameTaxpayer(
  sql: Sql,
  { taxpayerId, name }: Taxpayer,
): Promise<'changed' | 'unchanged' | 'unknown'> {
  const { rowCount } = await sql.query('UPDATE taxpayer SET name = $2 WHERE taxpayer_id = $1 AND name <> $2', [
    taxpayerId,
    name,
  ]);
  if (rowCount === 1) return 'changed';
  const { rows } = await sql.query('SELECT FROM taxpayer WHERE taxpayer_id = $1', [taxpayerId]);
  return rows.length === 1 ? 'unchanged' : 'unknown';
}

/** Registers premises. Relies on the primary key; a taxpayer is never removed, so the look for it cannot be overtaken. */
export async function addPremises(sql: Sql, premises: Premises): Promise<'added' | 'exists' | 'taxpayer_unknown'> {
  const { premisesId, taxpayerId, name, region, activity, address } = premises;
  const { rows: owners } = await sql.query('SELECT FROM taxpayer WHERE taxpayer_id = $1', [taxpayerId]);
  if (owners.length === 0) return 'taxpayer_unknown';
  const { rowCount } = await sql.query(
    `INSERT INTO premises (premises_id, taxpayer_id, name, region, activity, address)
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
    [premisesId, taxpayerId, name, region, activity, address],
  );
  return rowCount === 1 ? 'added' : 'exists';
}

/** `details`: as they are from now on. `unchanged`: they were so before. */
export type Correction =
  { readonly result: 'changed' | 'unchanged'; readonly details: PremisesDetails } | { readonly result: 'unknown' };

/** Corrects what is known of premises; members that are left out stay. Idempotent. */
export async function correctPremises(
  sql: Sql,
  premisesId: string,
  change: Partial<PremisesDetails>,
): Promise<Correction> {
  const { name = null, region = null, activity = null, address = null } = change;
  const { rows: changed } = await sql.query<PremisesDetails>(
    `UPDATE premises SET name = coalesce($2, name), region = coalesce($3, region), activity = coalesce($4, activity),
                         address = coalesce($5, address)
     WHERE premises_id = $1 AND (name <> $2 OR region <> $3 OR activity <> $4 OR address <> $5)
     RETURNING name, region, activity, address`,
    [premisesId, name, region, activity, address],
  );
  if (changed[0] !== undefined) return { result: 'changed', details: changed[0] };
  const { rows } = await sql.query<PremisesDetails>(
    'SELECT name, region, activity, address FROM premises WHERE premises_id = $1',
    [premisesId],
  );
  return rows[0] === undefined ? { result: 'unknown' } : { result: 'unchanged', details: rows[0] };
}
