import { type ClientBase, Pool } from 'pg';
import type { DataSource, DataSourceOptions } from 'typeorm';
import type { DatabaseSettings } from '../configuration/settings.js';
import { outliveLoss, outliveLosses } from './lost-sessions.js';

/** A transaction that waits for the program and not for the database means that the program hangs: let its locks go. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000;
/**
 * Where the line is dead and nothing comes back, the database's own limit can't be heard: we must notice. This much
 * later, so that a living database gets to tell its own cause first.
 */
const ANSWER_MARGIN_MS = 2_000;
/** Finds a dead line under an idle session, before firewalls forget the connection (5 minutes and more). */
const KEEP_ALIVE_DELAY_MS = 60_000;

/**
 * An idle session is kept for so long. A new one costs its first sale 150 ms (signing in, reading the catalogue, planning), and a rush comes
 * after minutes without one.
 */
const IDLE_SESSION_KEPT_MS = 10 * 60_000;

/**
 * A session that the server has dropped ends within 100 ms, also in the middle of a statement, and lets its locks go. Otherwise
 * PostgreSQL finds out when the statement is done, and the same work in another session waits for those locks. On Windows
 * PostgreSQL cannot look, and refuses the setting.
 */
const NOTICE_DROPPED_SESSIONS = `
DO $$ BEGIN SET client_connection_check_interval = 100; EXCEPTION WHEN invalid_parameter_value THEN NULL; END $$`;

/**
 * Options of the server's data source. No entities are synchronised and nothing migrates: `npm run migrate` does.
 *
 * @param admit looks at each new session before it is used (session-guard.ts)
 */
export function serverDataSourceOptions(
  settings: DatabaseSettings,
  admit: (client: ClientBase) => Promise<void> = () => Promise.resolve(),
): DataSourceOptions {
  return {
    type: 'postgres',
    url: settings.url,
    poolSize: settings.poolSize,
    connectTimeoutMS: settings.connectTimeoutMs,
    applicationName: 'tax-control server',
    synchronize: false,
    migrationsRun: false,
    installExtensions: false,
    // Silent unless DEBUG=typeorm:* asks: statements hold what people bought, and the log has a form of its own.
    logger: 'debug',
    extra: sessionOptions(settings, admit),
  };
}

/**
 * The pool of what nobody waits for at a till: the console, statistics and customers' pages. However slow their questions
 * are and however many come, they wait for each other and never take a connection of the doors (docs/decisions/0022).
 *
 * @param admit looks at each new session before it is used (session-guard.ts)
 */
export function reportsPool(
  settings: DatabaseSettings,
  admit: (client: ClientBase) => Promise<void>,
  applicationName = 'tax-control reports',
): Pool {
  const pool = new Pool({
    connectionString: settings.url,
    max: settings.reportsPoolSize,
    connectionTimeoutMillis: settings.connectTimeoutMs,
    application_name: applicationName,
    ...sessionOptions(settings, admit),
  });
  outliveLosses(pool);
  return pool;
}

function sessionOptions(settings: DatabaseSettings, admit: (client: ClientBase) => Promise<void>) {
  return {
    // The pool waits for it, whatever its type says, and gives a session out only afterwards.
    onConnect: async (client: ClientBase) => {
      // TypeORM makes a pool that can't be reached before its first session.
      outliveLoss(client);
      await client.query(NOTICE_DROPPED_SESSIONS);
      await admit(client);
    },
    // No statement here runs long enough to be worth compiling, and the planner's guesses about views would have it compiled again and again.
    options: '-c jit=off',
    // Statements that do not wait for each other are sent together (transaction.ts).
    pipeline: true,
    idleTimeoutMillis: IDLE_SESSION_KEPT_MS,
    statement_timeout: settings.statementTimeoutMs,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    query_timeout: settings.statementTimeoutMs + ANSWER_MARGIN_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
  };
}

/**
 * The driver's own pool below TypeORM, for the issuing path.
 *
 * @throws when the data source is not initialised
 */
export function poolOf(dataSource: DataSource): Pool {
  if (!('master' in dataSource.driver) || !isPool(dataSource.driver.master)) {
    throw new Error('The data source is not initialised, or not of PostgreSQL.');
  }
  return dataSource.driver.master;
}

function isPool(value: unknown): value is Pool {
  return typeof value === 'object' && value !== null && 'connect' in value && 'totalCount' in value;
}
