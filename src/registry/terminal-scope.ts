import type { Sql } from './sql.js';

/** What terminals are narrowed to; values of one member are alternatives, members must all hold, absent ones do not narrow. */
export interface TerminalScope {
  readonly regions?: readonly string[];
  readonly taxpayerIds?: readonly string[];
  readonly premisesIds?: readonly string[];
  readonly terminalIds?: readonly string[];
}

/**
 * Terminals of the visible premises that fit a scope, by id; null where neither view nor scope narrows: then all of them are
 * meant, and those to come.
 */
export async function terminalIdsWithin(
  sql: Sql,
  visible: 'all' | readonly string[],
  { regions, taxpayerIds, premisesIds, terminalIds }: TerminalScope,
): Promise<readonly string[] | null> {
  const isOpen = [regions, taxpayerIds, premisesIds, terminalIds].every((values) => values === undefined);
  if (visible === 'all' && isOpen) return null;
  const { rows } = await sql.query<{ terminal_id: string }>(
    `SELECT terminal_id FROM terminal JOIN premises USING (premises_id)
     WHERE ($1::text[] IS NULL OR premises_id = ANY ($1)) AND ($2::text[] IS NULL OR region = ANY ($2))
       AND ($3::text[] IS NULL OR terminal.taxpayer_id = ANY ($3)) AND ($4::text[] IS NULL OR premises_id = ANY ($4))
       AND ($5::text[] IS NULL OR terminal_id = ANY ($5))
     ORDER BY terminal_id`,
    [
      visible === 'all' ? null : visible,
      regions ?? null,
      taxpayerIds ?? null,
      premisesIds ?? null,
      terminalIds ?? null,
    ],
  );
  return rows.map((row) => row.terminal_id);
}
