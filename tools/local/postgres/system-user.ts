import { spawnSync } from 'node:child_process';
import { chownSync, readFileSync } from 'node:fs';

/** The user whom PostgreSQL's programs run as when we are root: they refuse to run as root. */
export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * In order of liking: made for the purpose, or at least without rights to anything else. initdb needs one with a line
 * in the user database, so a number of our own making would not do.
 */
const CANDIDATES = ['postgres', '_postgres', 'nobody', 'daemon'];

/**
 * @returns the user to run PostgreSQL as; undefined: as ourselves, because we are not root
 * @throws when we are root and the machine has no user to step down to
 */
export function postgresUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
  for (const name of CANDIDATES) {
    const user = users.find((one) => one.name === name && one.uid > 0 && one.gid >= 0);
    if (user !== undefined) return user;
  }
  throw new Error(
    'PostgreSQL refuses to run as root, and this machine has no user to run it as ' +
      `(looked for ${CANDIDATES.join(', ')}). Make one (useradd --system postgres), or run this as a user other than root.`,
  );
}

/** What a program that runs as another user is started with. */
export interface RunAs {
  readonly uid?: number;
  readonly gid?: number;
  /** Our own working folder may be one that the user can't enter. */
  readonly cwd: string;
  /**
   * Our own environment stays here: PGDATA and the like would be obeyed, it may hold secrets, and what it preloads may
   * rest on files of ours alone (libfaketime's semaphore: now and then a program ended for it before its first line).
   */
  readonly env: NodeJS.ProcessEnv;
}

/** Options of child_process with which a program runs as that user. */
export function runAs(user: SystemUser | undefined): RunAs {
  const place = { cwd: '/', env: { PATH: process.env['PATH'], LC_ALL: 'C' } };
  return user === undefined ? place : { ...place, uid: user.uid, gid: user.gid };
}

/** Gives a file or folder to that user; nothing to do when PostgreSQL runs as ourselves. */
export function giveTo(user: SystemUser | undefined, path: string): void {
  if (user !== undefined) chownSync(path, user.uid, user.gid);
}

/**
 * Whether that user can enter a folder that exists: asked of the kernel, which knows of access lists and mounts too.
 *
 * @throws when the shell that asks could not be run: that is no answer
 */
export function canEnter(user: SystemUser | undefined, directory: string): boolean {
  if (user === undefined) return true;
  const script = 'if cd -- "$1"; then echo yes; else echo no; fi';
  const result = spawnSync('/bin/sh', ['-c', script, 'sh', directory], { ...runAs(user), encoding: 'utf8' });
  if (result.stdout === 'yes\n') return true;
  if (result.stdout === 'no\n') return false;
  const reason = result.error?.message ?? (result.stderr.trim() || `it ended with ${result.signal ?? result.status}`);
  throw new Error(`Whether the user ${user.name} can enter ${directory} could not be asked of /bin/sh: ${reason}`, {
    cause: result.error,
  });
}
