import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ControlFailure } from '../../tools/local/control.js';
import { identifyProcess, isAlive, type ProcessIdentity } from '../../tools/local/process-identity.js';
import { projectDirectory } from '../../tools/local/project.js';
import { startLocal, type LocalInstallation, type StartLocalOptions } from '../../tools/local/start-local.js';
import { queryOnce } from '../support/database.js';

// Everything here runs from dist, as it does for a person: npm test builds first.

/** Permission bits of everybody but the owner. */
const OTHERS = 0o077;

let folder: string;
let directory: string;
let local: LocalInstallation | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tax-control-local-spec-'));
  chmodSync(folder, 0o711);
  directory = join(folder, 'state');
});

afterEach(async () => {
  await local?.stop();
  local = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: Partial<StartLocalOptions> = {}): Promise<LocalInstallation> {
  local = await startLocal({ directory, ...options });
  return local;
}

async function readiness(addresses: { readonly operator: string }): Promise<number> {
  return fetch(`${addresses.operator}/health/ready`).then(
    (answer) => answer.status,
    () => 0,
  );
}

/** The server's process, by what the installation wrote down, and PostgreSQL's. */
function processes(): ProcessIdentity[] {
  const server: unknown = JSON.parse(readFileSync(join(directory, 'server.json'), 'utf8'));
  const [postgres] = readFileSync(join(directory, 'postgres', 'data', 'postmaster.pid'), 'utf8').split('\n');
  return [server as ProcessIdentity, identifyProcess(Number(postgres))!];
}

/** What other users of this machine could open, if they guessed its name. */
function openToOthers(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if ((statSync(path).mode & OTHERS) === 0) return [];
    return entry.isDirectory() ? openToOthers(path).map((name) => join(entry.name, name)) : [entry.name];
  });
}

/** Of a process that runs; where the system tells it nobody, it is empty. */
function environmentOf(pid: number): string {
  return existsSync(`/proc/${pid}/environ`) ? readFileSync(`/proc/${pid}/environ`, 'utf8') : '';
}

// Several cold starts each, and the machine may have other work.
const TIMEOUT_MS = 300_000;

describe('startLocal', { timeout: TIMEOUT_MS }, () => {
  it('brings up a whole installation whose parts can be killed and started again', async () => {
    const steps: string[] = [];
    const installation = await start({ report: (step) => steps.push(step) });
    const { addresses, databaseUrls, server, postgres, paths } = installation;
    expect(steps).toEqual([
      'Starting PostgreSQL',
      'Making keys and certificates',
      'Bringing the tables up to date',
      'Starting the server',
    ]);
    expect(await readiness(addresses)).toBe(200);
    expect(await queryOnce(databaseUrls.server, 'SELECT current_user AS name')).toEqual([{ name: 'server_login' }]);
    expect(openToOthers(paths.directory)).toEqual(['about-this-folder.txt', 'ports.json']);
    expect(environmentOf(processes()[0]!.pid)).not.toContain(new URL(databaseUrls.server).password);
    expect(await installation.control('parameters', 'show')).toMatchObject({
      settings: { addresses: [addresses.terminals], verificationUrl: addresses.public },
    });

    await server.kill();
    expect(await readiness(addresses)).toBe(0);
    await server.start();
    expect(await readiness(addresses)).toBe(200);

    await postgres.kill();
    expect(await readiness(addresses)).toBe(503);
    await postgres.start();
    await expect.poll(() => readiness(addresses)).toBe(200);

    const refusal: unknown = await installation
      .control('keys', 'list', '--directory', '/nowhere')
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ControlFailure);
    expect(refusal).toMatchObject({ exitStatus: 1, message: expect.stringContaining('/nowhere') });

    // Not by us: somebody else, or the kernel for want of memory.
    const { pid } = await server.start();
    process.kill(pid, 'SIGKILL');
    expect(await installation.broken).toMatch(/^The server ended by itself; .*server\.log may say why/);
  });

  it('keeps data, keys, passwords and ports from one start to the next, and forgets them when told to', async () => {
    const first = await start();
    const key = readFileSync(join(first.paths.keys, 'signing-certificate.pem'), 'utf8');
    await queryOnce(first.databaseUrls.migrator, 'CREATE TABLE kept AS SELECT 1 AS one');
    await first.stop();
    const second = await start();
    expect(second.addresses).toEqual(first.addresses);
    expect(readFileSync(join(second.paths.keys, 'signing-certificate.pem'), 'utf8')).toBe(key);
    expect(await queryOnce(second.databaseUrls.migrator, 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
    await second.stop();
    writeFileSync(join(directory, 'of-somebody-else'), 'stays');
    const third = await start({ fresh: true });
    expect(readFileSync(join(third.paths.keys, 'signing-certificate.pem'), 'utf8')).not.toBe(key);
    expect(new URL(third.databaseUrls.server).password).not.toBe(new URL(first.databaseUrls.server).password);
    await expect(queryOnce(third.databaseUrls.migrator, 'SELECT one FROM kept')).rejects.toMatchObject({
      code: '42P01',
    });
    expect(readFileSync(join(directory, 'of-somebody-else'), 'utf8')).toBe('stays');
  });

  it('leaves nothing running when it is interrupted, or when the server does not start', async () => {
    const interruption = new AbortController();
    const report = (step: string): void => {
      if (step === 'Bringing the tables up to date') interruption.abort(new Error('interrupted'));
    };
    await expect(start({ report, signal: interruption.signal })).rejects.toThrow('interrupted');
    expect(() => processes()).toThrow(/ENOENT/);
    await expect(start({ serverSettings: { LOG_LEVEL: 'loud' } })).rejects.toThrow(/did not start:\n.*LOG_LEVEL/s);
    expect(() => processes()).toThrow(/ENOENT/);
  });
});

describe('npm start', { timeout: TIMEOUT_MS }, () => {
  interface Started {
    readonly process: ReturnType<typeof spawn>;
    readonly addresses: LocalInstallation['addresses'];
  }

  async function startCommand(): Promise<Started> {
    const program = join(projectDirectory(), 'dist', 'tools', 'local', 'main.js');
    const child = spawn(process.execPath, [program, '--json', '--directory', directory], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    const ended = once(child, 'exit').then(() => Promise.reject(new Error(complaint)));
    const [line] = (await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended])) as [string];
    return { process: child, ...(JSON.parse(line) as Pick<Started, 'addresses'>) };
  }

  it('starts again after a SIGKILL of itself, refuses to run twice, and stops in order at Ctrl-C', async () => {
    const first = await startCommand();
    const orphans = processes();
    first.process.kill('SIGKILL');
    await once(first.process, 'exit');
    expect(orphans.map(isAlive)).toEqual([true, true]);

    const second = await startCommand();
    expect(orphans.map(isAlive)).toEqual([false, false]);
    expect(second.addresses).toEqual(first.addresses);
    expect(await readiness(second.addresses)).toBe(200);
    await expect(start()).rejects.toThrow(`It runs already, as process ${second.process.pid}`);
    expect(await readiness(second.addresses)).toBe(200);

    const running = processes();
    second.process.kill('SIGINT');
    expect(await once(second.process, 'exit')).toEqual([0, null]);
    expect(running.map(isAlive)).toEqual([false, false]);
  });
});
