import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { isErrno } from '../process-identity.js';
import { makeUnfinished, removeUnfinished } from '../unfinished.js';
import type { Binaries } from './binaries.js';
import { giveTo, runAs, type SystemUser } from './system-user.js';

/** Where a cluster keeps what it has. */
export interface ClusterDirectory {
  /** PostgreSQL's own data folder, mode 700, owned by the user it runs as. */
  readonly data: string;
  /** What PostgreSQL has to say, mode 600. */
  readonly logFile: string;
  readonly superuserPassword: string;
}

/** Settings by PostgreSQL's names, like `{max_connections: 50}`. */
export type PostgresSettings = Readonly<Record<string, string | number | boolean>>;

export const SUPERUSER = 'postgres';
/** 192 bits: nobody guesses it, and nobody has to type it. */
const PASSWORD_BYTES = 24;
const SETTINGS_FILE = 'tax-control.conf';

/**
 * Makes the cluster's folder and, the first time, the cluster in it. Killed at any point, it begins again the next time:
 * the data folder gets its name only when it is whole.
 */
export async function prepareClusterDirectory(
  directory: string,
  binaries: Binaries,
  user: SystemUser | undefined,
): Promise<ClusterDirectory> {
  const data = join(directory, 'data');
  const superuserPassword = keepSecret(join(directory, 'superuser-password'));
  const logFile = join(directory, 'postgres.log');
  closeSync(openSync(logFile, 'a', 0o600));
  removeUnfinished(data);
  if (!existsSync(data)) await initialise(data, superuserPassword, binaries, user);
  const madeByVersion = Number(readFileSync(join(data, 'PG_VERSION'), 'utf8'));
  if (madeByVersion !== binaries.majorVersion) {
    throw new Error(
      `The data in ${data} were made by PostgreSQL ${madeByVersion}; installed is ${binaries.majorVersion}, which can't open them. ` +
        'If they may go, start with --fresh (or delete the folder); otherwise install the earlier version of this program and dump them first.',
    );
  }
  return { data, logFile, superuserPassword };
}

/**
 * Makes a folder that `user` can pass through but not list, whatever the umask, and the missing ones above it.
 *
 * @throws with what to do, where no folder can be made
 */
export function makePassable(directory: string, user: SystemUser | undefined): void {
  let made: readonly string[];
  try {
    made = makeMissing(directory, user === undefined ? 0o700 : 0o711);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The folder ${directory} can't be made (${reason}). Name another with --directory.`, {
      cause: error,
    });
  }
  if (user !== undefined) for (const folder of made) chmodSync(folder, 0o711);
}

/** As `mkdir -p`, and gives what it made. Node's own `recursive` never ends where making fails with ENOENT below a folder (/proc). */
function makeMissing(directory: string, mode: number): readonly string[] {
  try {
    mkdirSync(directory, { mode });
    return [directory];
  } catch (error) {
    if (isErrno(error, 'EEXIST') && isFolder(directory)) return [];
    if (!isErrno(error, 'ENOENT') || isFolder(dirname(directory))) throw error;
    const above = makeMissing(dirname(directory), mode);
    mkdirSync(directory, { mode });
    return [...above, directory];
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Writes the settings for the next start. They are ours alone, so a start never inherits those of an earlier one. */
export function writeSettings(data: string, settings: PostgresSettings, user: SystemUser | undefined): void {
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${String(value).replaceAll("'", "''")}'\n`);
  const file = join(data, SETTINGS_FILE);
  writeFileSync(file, lines.join(''), { mode: 0o600 });
  giveTo(user, file);
}

/**
 * Reads a secret from its file, or makes a random one and keeps it there (mode 600, ours).
 *
 * @returns base64url text
 */
export function keepSecret(file: string): string {
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const secret = randomBytes(PASSWORD_BYTES).toString('base64url');
  writeSynced(file, `${secret}\n`);
  return secret;
}

async function initialise(
  data: string,
  password: string,
  binaries: Binaries,
  user: SystemUser | undefined,
): Promise<void> {
  // Nobody else can enter it, so the password may lie there for as long as initdb, as its own user, needs it.
  const workshop = makeUnfinished(data);
  const unfinished = join(workshop, 'data');
  const passwordFile = join(workshop, 'password');
  try {
    mkdirSync(unfinished, { mode: 0o700 });
    writeFileSync(passwordFile, password, { mode: 0o600 });
    for (const path of [unfinished, passwordFile, workshop]) giveTo(user, path);
    await runInitdb(unfinished, passwordFile, binaries, user);
    appendSynced(join(unfinished, 'postgresql.conf'), `\ninclude '${SETTINGS_FILE}'\n`);
    renameSync(unfinished, data);
    syncDirectory(dirname(data));
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

async function runInitdb(
  data: string,
  passwordFile: string,
  binaries: Binaries,
  user: SystemUser | undefined,
): Promise<void> {
  const options = [
    `--pgdata=${data}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    ...sortingOptions(binaries),
    '--no-instructions',
  ];
  try {
    await promisify(execFile)(binaries.initdb, options, runAs(user));
  } catch (error) {
    const output = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    throw new Error(`initdb could not make a database cluster in ${data}: ${output}`, { cause: error });
  }
}

/** First version that sorts by itself, alike on every machine; earlier ones ask the operating system, which knows C.UTF-8 on Linux. */
const SORTS_BY_ITSELF_FROM = 17;

function sortingOptions({ majorVersion }: Binaries): string[] {
  return majorVersion >= SORTS_BY_ITSELF_FROM
    ? ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
    : ['--locale=C.UTF-8'];
}

function writeSynced(file: string, text: string): void {
  const unfinished = `${file}.unfinished`;
  rmSync(unfinished, { force: true });
  const handle = openSync(unfinished, 'wx', 0o600);
  try {
    writeFileSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(unfinished, file);
}

function appendSynced(file: string, text: string): void {
  const handle = openSync(file, 'a');
  try {
    writeFileSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function syncDirectory(directory: string): void {
  const handle = openSync(directory, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
