import type { Sql } from './sql.js';

/** How premises are called where their id alone would say little. */
export interface PremisesName {
  readonly name: string;
  readonly region: string;
  readonly taxpayerId: string;
}

/** Names of premises by id; unknown ones are missing from the answer. */
export async function readPremisesNames(sql: Sql, premisesIds: readonly string[]): Promise<Map<string, PremisesName>> {
  const { rows } = await sql.query<PremisesName & { readonly premisesId: string }>(
    `SELECT premises_id AS "premisesId", name, region, taxpayer_id AS "taxpayerId"
     FROM premises WHERE premises_id = ANY ($1::text[])`,
    [[...new Set(premisesIds)]],
  );
  return new Map(rows.map(({ premisesId, ...name }) => [premisesId, name]));
}
