import type { Environment } from '@tax-control/protocol';
import type { Queryable } from './queryable.js';
import { SEQUENCES } from './reserve-numbers.js';

/** The number that was given last, or the one before the first. Needs SELECT on the sequence; gives none. */
export async function readPresentNumber(database: Queryable, environment: Environment): Promise<number> {
  const { rows } = await database.query<{ present: string }>(
    `SELECT last_value - (NOT is_called)::integer AS present FROM ${SEQUENCES[environment]}`,
  );
  return Number(rows[0]?.present);
}
