import type { Sql } from './sql.js';

/** Which premises may be seen, by id; 'all' does not narrow. */
export type RegistryView = 'all' | readonly string[];

/** Which rows of a list: those after so many, and after the row with an id (undefined: from the first). */
export interface Slice {
  readonly offset: number;
  readonly limit: number;
  readonly after?: string | undefined;
}

/** A taxpayer with how much is registered under it, as far as it may be seen. */
export interface CountedTaxpayer {
  readonly taxpayerId: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly premises: number;
  readonly terminals: number;
}

/** Premises with their taxpayer's name and the number of their terminals. */
export interface CountedPremises {
  readonly premisesId: string;
  readonly taxpayerId: string;
  readonly taxpayerName: string;
  readonly name: string;
  readonly region: string;
  readonly activity: string;
  readonly address: string;
  readonly createdAt: Date;
  readonly terminals: number;
}

/**
 * Taxpayers with visible premises, by id; those without any premises only where everything is visible.
 * @param text looked for in id and name; null: any
 */
export async function listCountedTaxpayers(
  sql: Sql,
  view: RegistryView,
  text: string | null,
  { offset, limit, after }: Slice,
): Promise<CountedTaxpayer[]> {
  const { rows } = await sql.query<CountedTaxpayer>(
    `SELECT taxpayer_id AS "taxpayerId", taxpayer.name, taxpayer.created_at AS "createdAt",
            count(DISTINCT premises.premises_id)::int AS premises, count(terminal_id)::int AS terminals
     FROM taxpayer
     LEFT JOIN premises USING (taxpayer_id)
     LEFT JOIN terminal USING (premises_id, taxpayer_id)
     WHERE ($1::text[] IS NULL OR premises.premises_id = ANY ($1)) AND ${containsText('taxpayer_id', 'taxpayer.name')}
       AND ($5::text IS NULL OR taxpayer_id > $5)
     GROUP BY taxpayer_id, taxpayer.name, taxpayer.created_at ORDER BY taxpayer_id OFFSET $3 LIMIT $4`,
    [parameterOf(view), patternOf(text), offset, limit, after],
  );
  return rows;
}

/**
 * Visible premises, by id.
 * @param taxpayerIds of these taxpayers; null: of any
 */
export async function listCountedPremises(
  sql: Sql,
  view: RegistryView,
  { text, taxpayerIds, regions }: PremisesCriteria,
  { offset, limit, after }: Slice,
): Promise<CountedPremises[]> {
  const { rows } = await sql.query<CountedPremises>(
    `SELECT premises_id AS "premisesId", taxpayer_id AS "taxpayerId", taxpayer.name AS "taxpayerName", premises.name,
            region, activity, address, premises.created_at AS "createdAt",
            (SELECT count(*)::int FROM terminal WHERE terminal.premises_id = premises.premises_id) AS terminals
     FROM premises JOIN taxpayer USING (taxpayer_id)
     WHERE ($1::text[] IS NULL OR premises_id = ANY ($1)) AND ${containsText('premises_id', 'premises.name', 'address')}
       AND ($5::text[] IS NULL OR taxpayer_id = ANY ($5)) AND ($6::text[] IS NULL OR region = ANY ($6))
       AND ($7::text IS NULL OR premises_id > $7)
     ORDER BY premises_id OFFSET $3 LIMIT $4`,
    [parameterOf(view), patternOf(text), offset, limit, taxpayerIds, regions, after],
  );
  return rows;
}

/** What premises are narrowed to; null does not narrow. */
export interface PremisesCriteria {
  readonly text: string | null;
  readonly taxpayerIds: readonly string[] | null;
  readonly regions: readonly string[] | null;
}

/** Regions with visible premises, by name. */
export async function listRegions(
  sql: Sql,
  view: RegistryView,
  { offset, limit, after }: Slice,
): Promise<{ region: string; premises: number }[]> {
  const { rows } = await sql.query<{ region: string; premises: number }>(
    `SELECT region, count(*)::int AS premises FROM premises
     WHERE ($1::text[] IS NULL OR premises_id = ANY ($1)) AND ($4::text IS NULL OR region > $4)
     GROUP BY region ORDER BY region
     OFFSET $2 LIMIT $3`,
    [parameterOf(view), offset, limit, after],
  );
  return rows;
}

/** A view as a statement's parameter: null does not narrow. */
export function parameterOf(view: RegistryView): readonly string[] | null {
  return view === 'all' ? null : view;
}

/** A text to look for as a pattern of LIKE, with the marks of patterns taken literally. */
export function patternOf(text: string | null): string | null {
  return text === null ? null : `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
}

/** Whether one of some columns contains the statement's second parameter, in any case; null: always. */
export function containsText(...columns: readonly string[]): string {
  return `($2::text IS NULL OR ${columns.map((column) => `${column} ILIKE $2`).join(' OR ')})`;
}
