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

/** Options of child_process with which a program runs as that user. */
export function runAs(user: SystemUser | undefined): { uid?: number; gid?: number; cwd: string } {
  // Our own working folder may be one that the user can't enter.
  return user === undefined ? { cwd: '/' } : { uid: user.uid, gid: user.gid, cwd: '/' };
}

/** Gives a file or folder to that user; nothing to do when PostgreSQL runs as ourselves. */
export function giveTo(user: SystemUser | undefined, path: string): void {
  if (user !== undefined) chownSync(path, user.uid, user.gid);
}

/** Whether that user can enter a folder that exists: asked of the kernel, which knows of access lists and mounts too. */
export function canEnter(user: SystemUser | undefined, directory: string): boolean {
  if (user === undefined) return true;
  const result = spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', directory], { ...runAs(user), stdio: 'ignore' });
  return result.status === 0;
}
