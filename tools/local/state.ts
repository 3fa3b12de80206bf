import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { choosePort, isPortFree } from '@tax-control/protocol/testing';
import { keepSecret, makePassable } from './postgres/cluster-directory.js';
import { postgresUser } from './postgres/system-user.js';
import { markAsOurs } from './state-directory.js';
import { LOGIN_NAMES, type LoginName, type LoginPasswords } from './roles.js';

/** Ports of the three listeners, on loopback. */
export interface ListenerPorts {
  readonly terminals: number;
  readonly public: number;
  readonly operator: number;
}

/** Files and folders in the state folder. */
export interface StatePaths {
  readonly directory: string;
  readonly postgres: string;
  readonly keys: string;
  /** What a restored database must be told again. */
  readonly recoveryLog: string;
  /** Passwords, and addresses of the database with passwords in them. */
  readonly secrets: string;
  /** For the folders of tills that are tried out by hand. */
  readonly tills: string;
  /** The invitation that README has the operator write. */
  readonly invitation: string;
  readonly serverLog: string;
  readonly serverProcess: string;
  readonly ports: string;
}

export function statePaths(directory: string): StatePaths {
  return {
    directory,
    postgres: join(directory, 'postgres'),
    keys: join(directory, 'keys'),
    recoveryLog: join(directory, 'recovery-log'),
    secrets: join(directory, 'secrets'),
    tills: join(directory, 'tills'),
    invitation: join(directory, 'invitation.txt'),
    serverLog: join(directory, 'server.log'),
    serverProcess: join(directory, 'server.json'),
    ports: join(directory, 'ports.json'),
  };
}

/** File with the address of the database for this login, password included; for DATABASE_URL_FILE. */
export function databaseUrlFile(paths: StatePaths, login: LoginName): string {
  return join(paths.secrets, `${login}-database-url`);
}

/** Makes the state folder. Others may pass through it, because PostgreSQL's user must; nothing in it is for them. */
export function makeStateDirectory(paths: StatePaths): void {
  makePassable(paths.directory, postgresUser());
  markAsOurs(paths.directory);
  mkdirSync(paths.secrets, { recursive: true, mode: 0o700 });
}

/** Deletes what is ours in the state folder, and leaves alone what is not. */
export function emptyStateDirectory(paths: StatePaths): void {
  const { directory: _, ...ours } = paths;
  for (const path of Object.values(ours)) {
    rmSync(path, { recursive: true, force: true });
  }
}

/** Passwords of the logins, random, kept from the first start on. */
export function loginPasswords(paths: StatePaths): LoginPasswords {
  const password = (login: LoginName): string => keepSecret(join(paths.secrets, `${login}-password`));
  return {
    server: password('server'),
    operator: password('operator'),
    auditor: password('auditor'),
    migrator: password('migrator'),
  };
}

/** Writes the addresses of the database for the commands that a person runs by hand (mode 600). */
export function writeDatabaseUrls(paths: StatePaths, urls: Readonly<Record<LoginName, string>>): void {
  for (const login of LOGIN_NAMES) writeFileSync(databaseUrlFile(paths, login), `${urls[login]}\n`, { mode: 0o600 });
}

/**
 * The ports of the first start, for ever: tills keep the address that they were given. The first time, the preferred ones
 * where they are free.
 *
 * @throws when a port of an earlier start is taken by another program now
 */
export async function keepPorts(paths: StatePaths, preferred: Partial<ListenerPorts>): Promise<ListenerPorts> {
  if (existsSync(paths.ports)) {
    const ports = parsePorts(readFileSync(paths.ports, 'utf8'), paths.ports);
    for (const port of Object.values(ports)) await assertFree(port, paths.ports);
    return ports;
  }
  const ports = {
    terminals: await freePort(preferred.terminals),
    public: await freePort(preferred.public),
    operator: await freePort(preferred.operator),
  };
  writeFileSync(`${paths.ports}.unfinished`, JSON.stringify(ports));
  renameSync(`${paths.ports}.unfinished`, paths.ports);
  return ports;
}

async function freePort(preferred: number | undefined): Promise<number> {
  return preferred !== undefined && (await isPortFree(preferred)) ? preferred : choosePort();
}

async function assertFree(port: number, file: string): Promise<void> {
  if (await isPortFree(port)) return;
  throw new Error(
    `Port ${port}, which tills were told (${file}), is taken by another program. ` +
      'Stop that program; or start with --fresh, which chooses new ports and forgets everything.',
  );
}

function parsePorts(text: string, file: string): ListenerPorts {
  const value: unknown = JSON.parse(text);
  if (typeof value === 'object' && value !== null && 'terminals' in value && 'public' in value && 'operator' in value) {
    const { terminals, public: publicPort, operator } = value;
    if (typeof terminals === 'number' && typeof publicPort === 'number' && typeof operator === 'number') {
      return { terminals, public: publicPort, operator };
    }
  }
  throw new Error(`${file} does not hold three ports. Delete it to have new ones chosen, or start with --fresh.`);
}
