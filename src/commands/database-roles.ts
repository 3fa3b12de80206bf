import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../keys/make-folder.js';
import { DATABASE_NAME, loginName, LOGINS, type LoginWork, rolesSql, scramVerifier } from '../database/roles.js';
import { done, misused, type Outcome, refused } from './outcome.js';

export interface RolesOptions {
  /** Where the database will be, without user: postgresql://host:port/name?sslmode=… */
  readonly address?: string;
  /** Folder for an address with log-in and password for each work. */
  readonly directory?: string;
}

/** 192 bits: nobody guesses it, and nobody has to type it. Only digits and letters, which no address has to escape. */
const PASSWORD_BYTES = 24;
const OWNER_ONLY_FOLDER = 0o700;
const OWNER_ONLY_FILE = 0o600;
const DEFAULT_NAME = 'tax_control';

/** `database roles` */
export async function roles({ address, directory }: RolesOptions): Promise<Outcome> {
  if (directory === undefined) return withoutPasswords(address);
  if (address === undefined)
    return misused(
      '--directory takes addresses: name the database with --address postgresql://host:port/name as well.',
    );
  const url = readAddress(address);
  if (url === null) return misused(ADDRESS_RULE);
  const files = LOGINS.map(({ work }) => ({ work, path: join(directory, `${work}-url`) }));
  const present = files.find(({ path }) => existsSync(path));
  if (present !== undefined)
    return refused(
      `${present.path} is there already; nothing was made. It opens a database: keep it, or name another --directory.`,
    );
  await makeFolder(directory, OWNER_ONLY_FOLDER);
  const verifiers: Partial<Record<LoginWork, string>> = {};
  for (const { work } of LOGINS) {
    const password = randomBytes(PASSWORD_BYTES).toString('hex');
    verifiers[work] = scramVerifier(password);
    url.username = loginName(nameIn(url), work);
    url.password = password;
    await writeSynced(join(directory, `${work}-url`), `${url.href}\n`);
  }
  return sqlOutcome(
    rolesSql(nameIn(url), verifiers),
    `No password is in here, but what PostgreSQL checks one with. The addresses with the passwords are in ${directory}.`,
    files.map(({ path }) => path),
  );
}

function withoutPasswords(address: string | undefined): Outcome {
  const url = address === undefined ? undefined : readAddress(address);
  if (url === null) return misused(ADDRESS_RULE);
  return sqlOutcome(
    rolesSql(url === undefined ? DEFAULT_NAME : nameIn(url), {}),
    'No log-in has a password yet: in psql, \\password NAME asks for one.',
    [],
  );
}

function sqlOutcome(sql: string, passwords: string, files: readonly string[]): Outcome {
  const head = [
    'For an administrator of PostgreSQL 15 to 18 (CREATEROLE and CREATEDB are enough), once, in psql and in any database',
    `but the new one. ${passwords}`,
  ];
  return done({ sql, files }, `${head.map((line) => `-- ${line}`).join('\n')}\n\n${sql}`);
}

const ADDRESS_RULE =
  '--address must be postgresql://host:port/name, without user and password, with ?sslmode=verify-full where TLS is wanted; ' +
  'the name of at most 40 small letters, digits and _, with a letter first.';

function readAddress(address: string): URL | null {
  if (!/^postgres(ql)?:\/\/[^/@?]+\//.test(address) || !URL.canParse(address)) return null;
  const url = new URL(address);
  return DATABASE_NAME.test(nameIn(url)) ? url : null;
}

function nameIn(url: URL): string {
  return url.pathname.slice(1);
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', OWNER_ONLY_FILE);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
