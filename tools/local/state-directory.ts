import { createHash } from 'node:crypto';
import { existsSync, linkSync, lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canEnter, postgresUser } from './postgres/system-user.js';
import { identifyProcess, isAlive, isErrno, parseProcessIdentity, type ProcessIdentity } from './process-identity.js';
import { projectDirectory } from './project.js';

/** Enough of the digest that two projects of one machine never meet. */
const DIGEST_CHARACTERS = 12;
const MANAGER_FILE = 'manager.json';
const OTHERS_MAY_WRITE = 0o022;

/** In every folder that `npm start` made, from the first moment on; for people, and to know the folder again. */
const MARK_FILE = 'about-this-folder.txt';
const MARK_TEXT = `Made by "npm start" of the tax control server, for trying out.
"npm start -- --fresh" with this folder deletes what is in it.
`;
/** By one of these a folder of ours is known; the last two are of starts before there was a mark. */
const KNOWN_BY = [MARK_FILE, MANAGER_FILE, 'ports.json'];

/**
 * Where everything for trying out is kept: `.local/` in the project. As root in a project that others can't enter (root's home),
 * a folder in /var/tmp with the project's digest in its name, because PostgreSQL runs as another user then.
 */
export function defaultStateDirectory(project: string = projectDirectory()): string {
  if (canEnter(postgresUser(), project)) return join(project, '.local');
  const digest = createHash('sha256').update(project).digest('hex').slice(0, DIGEST_CHARACTERS);
  return `/var/tmp/tax-control-local-${digest}`;
}

/**
 * In a folder that everybody can write, somebody else may have made ours first, with what he likes in it; and a folder that
 * was named by mistake may hold `keys` and `secrets` that are not ours to delete.
 *
 * @throws with what to do
 */
export function assertOurs(directory: string): void {
  if (!existsSync(directory)) return;
  const { uid, mode } = lstatSync(directory);
  if (!lstatSync(directory).isDirectory() || uid !== process.getuid?.() || (mode & OTHERS_MAY_WRITE) !== 0) {
    throw new Error(
      `${directory} is not a folder that you own and that only you can write. ` +
        'Look whose it is; then delete it, or name another with --directory.',
    );
  }
  const names = readdirSync(directory);
  if (names.length > 0 && !names.some((name) => KNOWN_BY.includes(name)))
    throw new Error(
      `${directory} has other things in it, which --fresh might delete. ` +
        'Name an empty folder with --directory, or one that is not there yet.',
    );
}

/** Marks a folder as one of ours, so that the next start knows it. */
export function markAsOurs(directory: string): void {
  writeFileSync(join(directory, MARK_FILE), MARK_TEXT);
}

/** The right to use a state folder, held by one process at a time. */
export interface Claim {
  release(): void;
}

/**
 * Takes the folder for this process. A process that ended without giving it back, by SIGKILL for one, does not hold it.
 *
 * @throws when another process that lives holds it, with its number
 */
export function claimDirectory(directory: string): Claim {
  const file = join(directory, MANAGER_FILE);
  const own = identifyProcess(process.pid);
  // Written aside and linked, so that nobody ever reads half of it.
  const aside = `${file}.${process.pid}`;
  writeFileSync(aside, JSON.stringify(own), { mode: 0o600 });
  try {
    if (!tryLink(aside, file)) {
      const manager = readIdentity(file);
      if (manager !== undefined && isAlive(manager)) {
        throw new Error(
          `It runs already, as process ${manager.pid}, with its files in ${directory}. ` +
            'Stop that one first (Ctrl-C there), or name another folder with --directory.',
        );
      }
      rmSync(file, { force: true });
      if (!tryLink(aside, file)) throw new Error(`Another process has just started with the files in ${directory}.`);
    }
  } finally {
    rmSync(aside, { force: true });
  }
  return { release: () => rmSync(file, { force: true }) };
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Reads the identity of a process that an earlier run wrote; undefined if there is none. */
export function readIdentity(file: string): ProcessIdentity | undefined {
  try {
    return parseProcessIdentity(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if (isErrno(error, 'ENOENT') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
