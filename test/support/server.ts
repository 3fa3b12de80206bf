import type { Pool } from 'pg';
import type { Environment } from '@tax-control/protocol';
import { TestClock } from '@tax-control/protocol/testing';
import { AppModule } from '../../src/app.module.js';
import { readSettings } from '../../src/configuration/read-settings.js';
import type { ListenerAddresses } from '../../src/http/listeners.js';
import { type RunningServer, serve } from '../../src/http/serve.js';
import { PinoLog } from '../../src/observability/pino-log.js';
import { createTestDatabase, type TestDatabase } from './database.js';
import { makeTestKeys } from './keys.js';
import { testPool } from './pool.js';

/** Where a server under test is, and what is needed to speak with it; in this process or in one of its own. */
export interface ServerPlace {
  readonly addresses: ListenerAddresses;
  readonly database: TestDatabase;
  readonly keysDirectory: string;
  /** PEM of the issuing authority, which signs the terminals' listener too. */
  readonly ca: string;
  /** A superuser's pool, for setting the scene and for looking at what is stored. */
  readonly superuser: Pool;
}

export interface TestServer extends ServerPlace {
  readonly running: RunningServer;
  /** The server's clock; it follows the computer's until a spec sets it. */
  readonly clock: TestClock;
  /** What was logged so far. */
  readonly logLines: readonly Record<string, unknown>[];
  /** Stops the server; with `keep` leaves database and keys for a next one. */
  stop(): Promise<void>;
}

export interface TestServerOptions {
  /** Settings beside database, keys and ports. */
  readonly environment?: Readonly<Record<string, string>>;
  /** A ground that was made before and outlives the server. */
  readonly ground?: TestGround;
}

/** Database and keys: what outlives a server process. */
export interface TestGround {
  readonly database: TestDatabase;
  readonly keysDirectory: string;
  readonly ca: string;
  readonly superuser: Pool;
  /** The settings of a server on this ground, with ports chosen by the operating system. */
  readonly environment: Readonly<Record<string, string>>;
  clear(): Promise<void>;
}

/** Makes database and keys; a database may be given, and goes with the ground. */
export async function makeGround(environment: Environment = 'test', given?: TestDatabase): Promise<TestGround> {
  const database = given ?? (await createTestDatabase());
  const keys = await makeTestKeys(environment);
  const superuser = testPool({ connectionString: database.superuserUrl, max: 2 });
  // Dropping the database cuts idle sessions; that is no failure of a test.
  superuser.on('error', () => undefined);
  return {
    database,
    keysDirectory: keys.directory,
    ca: keys.ca,
    superuser,
    environment: {
      DATABASE_URL: database.serverUrl,
      KEYS_DIRECTORY: keys.directory,
      TERMINALS_HOST: '127.0.0.1',
      TERMINALS_PORT: '0',
      PUBLIC_HOST: '127.0.0.1',
      PUBLIC_PORT: '0',
      OPERATOR_PORT: '0',
    },
    clear: async () => {
      await superuser.end();
      await database.drop();
      await keys.remove();
    },
  };
}

/** Starts the whole server in this process on free ports, with a database and keys of its own unless a ground is given. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const ground = options.ground ?? (await makeGround());
  const logLines: Record<string, unknown>[] = [];
  const log = new PinoLog('info', {
    write: (line: string) => void logLines.push(JSON.parse(line) as Record<string, unknown>),
  });
  const settings = readSettings({ ...ground.environment, ...options.environment });
  const clock = new TestClock();
  const running = await serve((listeners) => AppModule.of(settings, log, listeners, clock), settings, log, clock).catch(
    async (error: unknown) => {
      if (options.ground === undefined) await ground.clear();
      throw error;
    },
  );
  return {
    addresses: running.addresses,
    database: ground.database,
    keysDirectory: ground.keysDirectory,
    ca: ground.ca,
    superuser: ground.superuser,
    running,
    clock,
    logLines,
    stop: async () => {
      await running.stop();
      if (options.ground === undefined) await ground.clear();
    },
  };
}
