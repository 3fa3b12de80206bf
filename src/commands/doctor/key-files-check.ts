import { accessSync, constants, lstatSync, readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { check, failed, type Finding, ok, warning } from './check.js';

/** What others may not do with a secret's file: anything; nor the group write it (secret-file.ts refuses these at start). */
const FILE_FORBIDDEN = 0o037;
/** Whoever can write a folder can put another key in a file's place; whoever can list it learns the keys' names only. */
const FOLDER_FORBIDDEN = 0o022;
/** Rights that are as tight as `tax-control keys init` makes them. */
const BEYOND_OWNER = 0o077;

const SECRET_FILE = /(^|\/)((next-)?key\.pem|mac\/[^/]+|receipt-signing\/[^/]+)$/;

/** Whether the keys' files and folders are for their owner alone. */
export const keyFilesCheck = check({
  name: 'key-files',
  needs: ['settings'],
  look: ({ settings }) => {
    if (process.platform === 'win32')
      return [{ status: 'skipped', seen: 'Windows keeps rights in access lists; look at them yourself.' }];
    const { directory } = settings.keys;
    if (!canList(directory))
      return [{ status: 'skipped', seen: `Not looked at, because ${directory} cannot be listed by this user.` }];
    const own = settings.listeners.public.certificate;
    const secrets = [...filesBelow(directory), ...(own === null ? [] : [own.keyFile])];
    const findings = [
      ...foldersBelow(directory).flatMap((path) => judge(path, statSync(path), FOLDER_FORBIDDEN, 'chmod 700')),
      ...secrets.flatMap((path) => judge(path, statSync(path), FILE_FORBIDDEN, 'chmod 600')),
    ];
    return findings.length > 0
      ? findings
      : [ok(`${secrets.length} secret files below ${directory} are for their owner alone (0600, folders 0700).`)];
  },
});

function judge(path: string, { mode, uid }: Stats, forbidden: number, command: string): Finding[] {
  const octal = `0${(mode & 0o777).toString(8)}`;
  if ((mode & forbidden) !== 0)
    return [
      failed(
        `${path} is open to others (mode ${octal}).`,
        `Whoever read it can make codes: run ${command} ${path}, and ask who was on this machine since.`,
      ),
    ];
  const mine = process.getuid?.() ?? uid;
  const findings: Finding[] = [];
  if ((mode & BEYOND_OWNER) !== 0)
    findings.push(
      warning(
        `${path} can be used by its group too (mode ${octal}).`,
        `If the group is not one that exists for handing out secrets, run ${command} ${path}`,
      ),
    );
  if (uid !== mine && uid !== 0)
    findings.push(
      warning(
        `${path} belongs to another user (number ${uid}).`,
        `Let the server's user own it: chown ${mine} ${path}. (Run the doctor as the server's user.)`,
      ),
    );
  return findings;
}

function canList(directory: string): boolean {
  try {
    accessSync(directory, constants.R_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function entriesBelow(directory: string): readonly { readonly path: string; readonly isFolder: boolean }[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .map((path) => ({ path, isFolder: lstatSync(path).isDirectory() }));
}

function foldersBelow(directory: string): string[] {
  return [directory, ...entriesBelow(directory).flatMap(({ path, isFolder }) => (isFolder ? [path] : []))];
}

function filesBelow(directory: string): string[] {
  return entriesBelow(directory).flatMap(({ path, isFolder }) => (!isFolder && SECRET_FILE.test(path) ? [path] : []));
}
