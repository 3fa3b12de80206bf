import type { Environment } from '@tax-control/protocol';
import type { Sql } from './sql.js';

/** The keys are of one environment and the database serves the other. The message says what to do. */
export class WrongEnvironment extends Error {
  override readonly name = 'WrongEnvironment';
}

/**
 * Binds a database to the environment of the first server that starts on it, for ever: test codes and real ones must
 * never come from one place. Idempotent; the primary key decides between two first servers.
 * @throws WrongEnvironment when it is bound to the other one
 */
export async function claimEnvironment(sql: Sql, environment: Environment): Promise<void> {
  await sql.query('INSERT INTO installation (environment) VALUES ($1) ON CONFLICT DO NOTHING', [environment]);
  const bound = await readEnvironment(sql);
  if (bound !== environment)
    throw new WrongEnvironment(
      `The keys are of the ${environment} environment, but this database serves the ${String(bound)} environment. ` +
        `Name the other keys in KEYS_DIRECTORY, or another database in DATABASE_URL.`,
    );
}

/** The environment that a database serves; null while no server has ever started on it. */
export async function readEnvironment(sql: Sql): Promise<Environment | null> {
  const { rows } = await sql.query<{ environment: Environment }>('SELECT environment FROM installation');
  return rows[0]?.environment ?? null;
}
