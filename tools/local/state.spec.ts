import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LOOPBACK } from './loopback.js';
import {
  emptyStateDirectory,
  keepPorts,
  loginPasswords,
  makeStateDirectory,
  statePaths,
  type StatePaths,
} from './state.js';

let paths: StatePaths;
let other: Server;
let takenPort: number;

beforeEach(async () => {
  paths = statePaths(mkdtempSync(join(tmpdir(), 'tax-control-state-')));
  makeStateDirectory(paths);
  other = createServer().listen(0, LOOPBACK);
  await once(other, 'listening');
  takenPort = (other.address() as AddressInfo).port;
});

afterEach(() => {
  other.close();
  rmSync(paths.directory, { recursive: true, force: true });
});

describe('keepPorts', () => {
  it('takes others than the preferred ones where those are taken, and keeps to them', async () => {
    const ports = await keepPorts(paths, { terminals: takenPort });
    expect(ports.terminals).not.toBe(takenPort);
    expect(await keepPorts(paths, { terminals: 1 })).toEqual(ports);
  });

  it('says who must go when a port that tills were told is taken by another program', async () => {
    const ports = await keepPorts(paths, {});
    writeFileSync(paths.ports, JSON.stringify({ ...ports, public: takenPort }));
    await expect(keepPorts(paths, {})).rejects.toThrow(new RegExp(`Port ${takenPort}, .*is taken .*--fresh`));
  });

  it.each(['{}', '{"terminals":1,"public":2,"operator":"3"}', 'null'])(
    'says what to do with a file that holds %s',
    async (text) => {
      writeFileSync(paths.ports, text);
      await expect(keepPorts(paths, {})).rejects.toThrow(/Delete it/);
    },
  );
});

describe('the state folder', () => {
  it('keeps random passwords where nobody else can read them', () => {
    const passwords = loginPasswords(paths);
    expect(new Set(Object.values(passwords)).size).toBe(4);
    expect(loginPasswords(paths)).toEqual(passwords);
    expect(statSync(paths.secrets).mode & 0o077).toBe(0);
    for (const file of readdirSync(paths.secrets)) expect(statSync(join(paths.secrets, file)).mode & 0o077).toBe(0);
  });

  it('is emptied of what is ours, and of nothing else', () => {
    loginPasswords(paths);
    writeFileSync(join(paths.directory, 'notes.txt'), 'of a person');
    emptyStateDirectory(paths);
    expect(readdirSync(paths.directory).toSorted()).toEqual(['about-this-folder.txt', 'notes.txt']);
  });
});

describe('makeStateDirectory', () => {
  it('makes what is missing above it', () => {
    const deep = statePaths(join(paths.directory, 'a', 'b', 'c'));
    makeStateDirectory(deep);
    expect(statSync(deep.secrets).mode & 0o777).toBe(0o700);
    // Nobody but its owner can list it, whether PostgreSQL's user has to pass through or not.
    expect(statSync(join(paths.directory, 'a')).mode & 0o066).toBe(0);
  });

  // There is no /proc on macOS.
  it.runIf(existsSync('/proc/self'))('ends where a file system takes no folders, and says what to do', () => {
    expect(() => makeStateDirectory(statePaths('/proc/x/y'))).toThrow(/can't be made.*--directory/);
  });
});
