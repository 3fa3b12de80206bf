import type { Pool } from 'pg';
import type { DataSource, DataSourceOptions } from 'typeorm';

/** What the server must be told about its database; part of the settings. */
export interface DatabaseSettings {
  /** `postgresql://…` of a login that is a member of `tax_control_server`. Holds a password: never print it. */
  readonly url: string;
  /** Most sessions that one instance opens. */
  readonly poolSize: number;
}

/** Longer than a lost SYN and its repetition (1 s + 2 s), shorter than anybody waits for a request. */
const CONNECT_TIMEOUT_MS = 5_000;
/** No statement of ours takes a second on a healthy database; what does is stuck, and its till has long gone offline. */
const STATEMENT_TIMEOUT_MS = 10_000;
/** A transaction that waits for the program and not for the database means that the program hangs: let its locks go. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000;
/**
 * Where the line is dead and nothing comes back, the database's own limits can't be heard: we must notice. Above the
 * others, so that a living database gets to tell its own cause first.
 */
const ANSWER_TIMEOUT_MS = 15_000;
/** Finds a dead line under an idle session, before firewalls forget the connection (5 minutes and more). */
const KEEP_ALIVE_DELAY_MS = 60_000;

/** Options of the server's data source. No entities are synchronised and nothing migrates: `npm run migrate` does. */
export function serverDataSourceOptions(settings: DatabaseSettings): DataSourceOptions {
  return {
    type: 'postgres',
    url: settings.url,
    poolSize: settings.poolSize,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    applicationName: 'tax-control server',
    synchronize: false,
    migrationsRun: false,
    installExtensions: false,
    // Silent unless DEBUG=typeorm:* asks: statements hold what people bought, and the log has a form of its own.
    logger: 'debug',
    extra: {
      statement_timeout: STATEMENT_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
      query_timeout: ANSWER_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
    },
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
