import { realpathSync } from 'node:fs';
import { choosePort, isPortFree } from '@tax-control/protocol/testing';
import { prepareBinaries } from './postgres/binaries.js';
import {
  makePassable,
  prepareClusterDirectory,
  SUPERUSER,
  writeSettings,
  type ClusterDirectory,
  type PostgresSettings,
} from './postgres/cluster-directory.js';
import { LOOPBACK } from './loopback.js';
import {
  clearRemains,
  killPostmaster,
  startPostmaster,
  stopPostmaster,
  type Postmaster,
} from './postgres/postmaster.js';
import { canEnter, postgresUser, type SystemUser } from './postgres/system-user.js';

export type { PostgresSettings } from './postgres/cluster-directory.js';

export interface StartPostgresOptions {
  /** Absolute path of the cluster's folder; made if it is not there. Whoever calls sees to it that nobody else uses it. */
  readonly directory: string;
  /** Listen here; without it, on any free port. */
  readonly port?: number;
  /** By PostgreSQL's names. Durability is PostgreSQL's default (all on) unless they say otherwise. */
  readonly settings?: PostgresSettings;
}

/** A running PostgreSQL of our own, on loopback. */
export interface RunningPostgres {
  /** Database `postgres` as the superuser, with the password in it: never print it. */
  readonly superuserUrl: string;
  readonly port: number;
  readonly pid: number;
  readonly logFile: string;
  /** Settles when the server has ended, by whomever. */
  readonly ended: Promise<void>;
  /** Stops in order; nothing happens if it has ended already. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash would. The next start of the same folder recovers. */
  kill(): Promise<void>;
}

/** While a killed server's last backends go, or a port that was free a moment ago is taken. */
const ATTEMPTS = 8;
const ATTEMPT_PAUSE_MS = 500;

/**
 * Starts the PostgreSQL that npm brought along, for trying out and for tests; makes its cluster the first time.
 * Needs no rights: as root, it runs as an unprivileged user. A server that an earlier run left behind in the
 * same folder is stopped first, whether it lives or was killed.
 *
 * @throws with what to do: nothing to run on this machine, folder out of reach, stated port taken, data of another version
 */
export async function startPostgres(options: StartPostgresOptions): Promise<RunningPostgres> {
  const user = postgresUser();
  makePassable(options.directory, user);
  const directory = realpathSync(options.directory);
  assertReachable(directory, user);
  const binaries = prepareBinaries(directory, user);
  const cluster = await prepareClusterDirectory(directory, binaries, user);
  await clearRemains(cluster.data);
  const { postmaster, port } = await startOnPort(binaries.postgres, cluster, user, options);
  return {
    superuserUrl: `postgresql://${SUPERUSER}:${cluster.superuserPassword}@${LOOPBACK}:${port}/postgres`,
    port,
    pid: postmaster.process.pid,
    logFile: cluster.logFile,
    ended: postmaster.ended,
    stop: () => stopPostmaster(postmaster),
    kill: () => killPostmaster(postmaster),
  };
}

function assertReachable(directory: string, user: SystemUser | undefined): void {
  if (user !== undefined && !canEnter(user, directory)) {
    throw new Error(
      `PostgreSQL does not run as root, and the user ${user.name}, as whom it runs here, can't enter ${directory}. ` +
        'Name another folder (--directory), for example below /var/tmp, or run this as a user other than root.',
    );
  }
}

async function startOnPort(
  program: string,
  cluster: ClusterDirectory,
  user: SystemUser | undefined,
  options: StartPostgresOptions,
): Promise<{ postmaster: Postmaster; port: number }> {
  let log = '';
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    if (options.port !== undefined && !(await isPortFree(options.port))) {
      throw new Error(
        `PostgreSQL did not start: port ${options.port} is taken by another program. Stop that, or choose another port.`,
      );
    }
    const port = options.port ?? (await choosePort());
    writeSettings(cluster.data, { ...ownSettings(port), ...options.settings }, user);
    const started = await startPostmaster(program, cluster, user);
    if (!('kind' in started)) return { postmaster: started, port };
    log = started.log;
    if (started.kind === 'failed') break;
    await new Promise((resolve) => setTimeout(resolve, ATTEMPT_PAUSE_MS));
  }
  throw new Error(`PostgreSQL did not start: ${lastLines(log)}\nMore may be in ${cluster.logFile}`);
}

function ownSettings(port: number): PostgresSettings {
  return {
    listen_addresses: LOOPBACK,
    port,
    // A socket file would need a folder that our user can write; loopback is enough.
    unix_socket_directories: '',
    password_encryption: 'scram-sha-256',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: '%m [%p] %q%u@%d ',
  };
}

/** Of a long log, the end tells why. */
const LOG_LINES_SHOWN = 12;

function lastLines(log: string): string {
  return log.split('\n').slice(-LOG_LINES_SHOWN).join('\n');
}
