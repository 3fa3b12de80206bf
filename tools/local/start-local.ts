import { existsSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ControlFailure, REFUSED, runControl } from './control.js';
import { startLocalDatabase, type DatabaseUrls } from './local-database.js';
import { Part, type RunningPart } from './part.js';
import { LOOPBACK } from './loopback.js';
import { clearRemains } from './postgres/postmaster.js';
import type { PostgresSettings } from './postgres.js';
import type { LoginName } from './roles.js';
import { endLeftoverServer, startServerProcess, type ServerProcess } from './server-process.js';
import { assertOurs, claimDirectory } from './state-directory.js';
import {
  databaseUrlFile,
  emptyStateDirectory,
  keepPorts,
  makeStateDirectory,
  statePaths,
  type ListenerPorts,
  type StatePaths,
} from './state.js';
import { makeUnfinished, removeUnfinished } from './unfinished.js';

export interface StartLocalOptions {
  /** Where everything is kept; made if it is not there, and used by one process at a time. */
  readonly directory: string;
  /** Forget what is there: new keys, empty database. */
  readonly fresh?: boolean;
  /** Environment of new keys. Codes of `test` (the default) begin with 9, and papers say so. */
  readonly environment?: 'test' | 'production';
  /** Ports of the listeners at the first start, where they are free; without them, any. */
  readonly ports?: Partial<ListenerPorts>;
  /** Further settings of the server, by the names in .env.example, like `{LOG_LEVEL: 'debug'}`. */
  readonly serverSettings?: Readonly<Record<string, string>>;
  /** Gives, for each start of the server, a command that starts another one under the same process id. */
  readonly serverLauncher?: () => readonly string[];
  readonly postgresSettings?: PostgresSettings;
  /** Told each step before it is taken, in words for a person. */
  readonly report?: (step: string) => void;
  /** Ends the start between two steps; what was started is stopped then. */
  readonly signal?: AbortSignal;
}

/** Addresses of the listeners, like `https://127.0.0.1:8443`. */
export interface LocalAddresses {
  readonly terminals: string;
  readonly public: string;
  readonly operator: string;
}

/** A whole installation on loopback: PostgreSQL, and the very same server as in production, as a child process. */
export interface LocalInstallation {
  readonly paths: StatePaths;
  readonly addresses: LocalAddresses;
  readonly databaseUrls: DatabaseUrls;
  /** `kill()` is SIGKILL, as a crash would; `start()` afterwards on the same ports; `stop()` in order. */
  readonly server: Part<ServerProcess>;
  /** The same for PostgreSQL. */
  readonly postgres: Part<RunningPart>;
  /** Settles with a sentence when one of them ends without having been told to by us. */
  readonly broken: Promise<string>;
  /**
   * Runs `tax-control … --json` as the operator, and gives what it printed.
   *
   * @throws ControlFailure for each exit status other than 0
   */
  control(...commandLine: readonly string[]): Promise<unknown>;
  /** Stops all in order, the server first. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts everything for trying out; demo, replay and bench stand on it. The first start makes the cluster, logins with
 * random passwords, keys and tables; each start brings the tables up to date. Whatever an earlier run left behind, killed
 * at whatever point, is ended or used.
 *
 * @throws with what to do; nothing is left running then
 */
export async function startLocal(options: StartLocalOptions): Promise<LocalInstallation> {
  const paths = statePaths(resolve(options.directory));
  assertOurs(paths.directory);
  makeStateDirectory(paths);
  const claim = claimDirectory(paths.directory);
  const started: Pick<RunningPart, 'stop'>[] = [];
  const stop = async (): Promise<void> => {
    for (const part of started.toReversed()) await part.stop();
    claim.release();
  };
  try {
    return await startParts(options, paths, started, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(
  options: StartLocalOptions,
  paths: StatePaths,
  started: Pick<RunningPart, 'stop'>[],
  stop: () => Promise<void>,
): Promise<LocalInstallation> {
  const step = (text: string): void => {
    options.signal?.throwIfAborted();
    options.report?.(text);
  };
  await endLeftoverServer(paths.serverProcess);
  if (options.fresh === true) await forget(paths);

  step('Starting PostgreSQL');
  const database = await startLocalDatabase(paths, options.postgresSettings ?? {});
  started.push(database.part);

  removeUnfinished(paths.keys);
  if (!existsSync(paths.keys)) {
    step('Making keys and certificates');
    await makeKeys(paths, options.environment ?? 'test');
  }
  step('Bringing the tables up to date');
  await runControl(['migrate'], settingsOf(paths, 'migrator'));

  const ports = await keepPorts(paths, options.ports ?? {});
  const addresses = {
    terminals: `https://${LOOPBACK}:${ports.terminals}`,
    public: `https://${LOOPBACK}:${ports.public}`,
    operator: `http://${LOOPBACK}:${ports.operator}`,
  };
  const operator = settingsOf(paths, 'operator');
  await publishAddresses(addresses, operator);

  step('Starting the server');
  const server = makeServer(options, paths, ports);
  started.push(server);
  await server.start();
  return {
    paths,
    addresses,
    databaseUrls: database.urls,
    server,
    postgres: database.part,
    broken: Promise.race([
      server.broken.then(() => `The server ended by itself; ${paths.serverLog} may say why.`),
      database.part.broken.then(
        () => `PostgreSQL ended by itself; ${join(paths.postgres, 'postgres.log')} may say why.`,
      ),
    ]),
    control: (...commandLine) => runControl(commandLine, operator),
    stop,
  };
}

function makeServer(options: StartLocalOptions, paths: StatePaths, ports: ListenerPorts): Part<ServerProcess> {
  const environment = {
    ...settingsOf(paths, 'server'),
    TERMINALS_HOST: LOOPBACK,
    TERMINALS_PORT: String(ports.terminals),
    PUBLIC_HOST: LOOPBACK,
    PUBLIC_PORT: String(ports.public),
    OPERATOR_HOST: LOOPBACK,
    OPERATOR_PORT: String(ports.operator),
    ...options.serverSettings,
  };
  return new Part(() =>
    startServerProcess({
      environment,
      logFile: paths.serverLog,
      processFile: paths.serverProcess,
      launcher: options.serverLauncher?.() ?? [],
    }),
  );
}

/**
 * Settings for a process of ours. Those of our own environment stay out: they may be meant for another installation. The
 * environment names the file with the database's address: the password itself stays out of /proc.
 */
function settingsOf(paths: StatePaths, login: LoginName): NodeJS.ProcessEnv {
  const { PATH, TZ, NODE_OPTIONS } = process.env;
  return {
    PATH,
    TZ,
    NODE_OPTIONS,
    DATABASE_URL_FILE: databaseUrlFile(paths, login),
    KEYS_DIRECTORY: paths.keys,
    RECOVERY_LOG_DIRECTORY: paths.recoveryLog,
  };
}

/** Made aside and moved into place whole: killed half-way, the next start makes others. */
async function makeKeys(paths: StatePaths, environment: 'test' | 'production'): Promise<void> {
  const unfinished = makeUnfinished(paths.keys);
  const hosts = ['localhost', LOOPBACK].flatMap((host) => ['--host', host]);
  try {
    await runControl(['keys', 'init', '--directory', unfinished, ...hosts, '--environment', environment], {
      PATH: process.env['PATH'],
    });
    renameSync(unfinished, paths.keys);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** Tills must be told where the server is, once; what an operator decided since then stays. */
async function publishAddresses(addresses: LocalAddresses, operator: NodeJS.ProcessEnv): Promise<void> {
  try {
    await runControl(['parameters', 'show'], operator);
  } catch (error) {
    if (!(error instanceof ControlFailure) || error.exitStatus !== REFUSED) throw error;
    const urls = ['--address', addresses.terminals, '--verification-url', addresses.public];
    await runControl(['parameters', 'set', ...urls], operator);
  }
}

async function forget(paths: StatePaths): Promise<void> {
  await clearRemains(join(paths.postgres, 'data'));
  emptyStateDirectory(paths);
  makeStateDirectory(paths);
}
