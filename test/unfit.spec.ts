import { spawn } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { cp } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Clock, systemClock } from '@tax-control/protocol';
import { AppModule } from '../src/app.module.js';
import { run } from '../src/commands/run.js';
import { readSettings } from '../src/configuration/read-settings.js';
import { serve } from '../src/http/serve.js';
import { certificatePem, makeSigningCertificate } from '../src/keys/make-parts.js';
import { PinoLog } from '../src/observability/pino-log.js';
import { startFailure } from '../src/start-failure.js';
import { startWarnings } from '../src/start-warnings.js';
import { call } from './support/client.js';
import { createTestDatabase, queryOnce, type TestDatabase } from './support/database.js';
import { examineBy, faultsOf } from './support/doctor.js';
import { makeTestKeys, type TestKeys } from './support/keys.js';
import { makeGround, startTestServer, type TestGround } from './support/server.js';

const MAIN = fileURLToPath(new URL('../dist/src/main.js', import.meta.url));
const EXIT_NOT_STARTED = 78;
const DAY_MS = 24 * 60 * 60 * 1000;
const HOUR_MS = 60 * 60 * 1000;
/** Longer than what `keys init` issues to a server lives. */
const LONG_AGO_MS = 20 * 365 * DAY_MS + 2 * DAY_MS;

type Variables = Readonly<Record<string, string>>;

let ground: TestGround;
/** A server that looks for its database for some ten seconds, while the tests go on. */
let withoutDatabase: Promise<Said>;
beforeAll(async () => {
  ground = await makeGround();
  withoutDatabase = runServer({ DATABASE_URL: 'postgresql://u:hunter2@127.0.0.1:1/z' });
});
afterAll(() => ground.clear());

/** Starts the server in this process; the message with which it refuses, null if it starts. */
async function startMessage(changes: Variables): Promise<string | null> {
  const log = new PinoLog('error', { write: () => undefined });
  try {
    const settings = readSettings({ ...ground.environment, ...changes });
    const server = await serve(
      (listeners) => AppModule.of(settings, log, listeners, systemClock),
      settings,
      log,
      systemClock,
    );
    await server.stop();
    return null;
  } catch (error) {
    const message = startFailure(error);
    if (message === null) throw error;
    return message;
  }
}

/** What the doctor finds wrong in one check: `seen → advice`. */
async function doctorSays(check: string, changes: Variables, clock: Clock = systemClock): Promise<string[]> {
  const examined = await examineBy(clock, { ...ground.environment, ...changes });
  return faultsOf(examined, check).map(({ status, seen, advice }) => `${status}: ${seen} → ${advice}`);
}

/** Runs an operator's command; exit status and what it said went wrong. */
async function command(environment: Variables, ...commandLine: readonly string[]): Promise<string> {
  let errors = '';
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  const status = await run(
    commandLine,
    { out: () => undefined, error: (text) => (errors += text) },
    systemClock,
  ).finally(() => vi.unstubAllEnvs());
  return `${status}: ${errors}`;
}

interface Said {
  readonly status: number | null;
  readonly messages: readonly string[];
}

/** Runs the compiled server until it ends, or until it has said `until`; then it is stopped. */
async function runServer(changes: Variables, options: readonly string[] = [], until?: RegExp): Promise<Said> {
  const child = spawn(process.execPath, [...options, MAIN], {
    env: { PATH: process.env['PATH'], ...ground.environment, ...changes },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const messages: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const { msg } = JSON.parse(line) as { readonly msg: string };
    messages.push(msg);
    if (until?.test(msg) === true) child.kill('SIGTERM');
  }
  const [status] = await exited;
  return { status, messages };
}

describe('key files', () => {
  let directory: string;
  let other: TestKeys;
  beforeAll(async () => {
    other = await makeTestKeys();
  });
  afterAll(() => other.remove());
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'unfit-keys-'));
    // cpSync of Node.js 22 and 24 does not keep the modes of folders.
    await cp(ground.keysDirectory, directory, { recursive: true });
    chmodSync(directory, 0o700);
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const inKeys = (...parts: readonly string[]): string => join(directory, ...parts);

  it.each([
    [
      'that others can read',
      () => chmodSync(inKeys('ca', 'key.pem'), 0o644),
      /ca\/key\.pem can be read by others.*chmod 600 /,
    ],
    [
      'that are missing',
      () => rmSync(inKeys('mac', '900000000000.key')),
      /mac\/900000000000\.key is missing\..*Restore/,
    ],
    [
      'that this user cannot read',
      () => {
        const path = inKeys('public-listener', 'key.pem');
        // Root reads everything but a folder.
        if (process.getuid?.() !== 0) return chmodSync(path, 0);
        rmSync(path);
        mkdirSync(path, { mode: 0o700 });
      },
      /public-listener\/key\.pem cannot be read \(E\w+\).*Let the server's user own and read it/,
    ],
    [
      'that do not belong together',
      () => cpSync(join(other.directory, 'public-listener', 'key.pem'), inKeys('public-listener', 'key.pem')),
      /public-listener\/certificate\.pem is not the certificate of .*Restore the two that belong together/,
    ],
    [
      'of which there are none',
      () => renameSync(directory, `${directory}-away`),
      /is missing\..*tax-control keys init/,
    ],
  ])('%s stop the start, and the doctor says the same', async (_, spoil, message) => {
    spoil();
    const changes = { KEYS_DIRECTORY: directory };
    expect(await startMessage(changes)).toMatch(message);
    expect((await doctorSays('keys', changes)).join('\n').replaceAll(' → ', ' ')).toMatch(message);
    rmSync(`${directory}-away`, { recursive: true, force: true });
  });

  it('whose folders others can write are named by the doctor', async () => {
    chmodSync(inKeys('mac'), 0o777);
    chmodSync(inKeys('ca', 'key.pem'), 0o640);
    expect(await doctorSays('key-files', { KEYS_DIRECTORY: directory })).toEqual([
      expect.stringMatching(/^failed: .*\/mac is open to others \(mode 0777\)\. → .*chmod 700/),
      expect.stringMatching(/^warning: .*ca\/key\.pem can be used by its group too \(mode 0640\)/),
    ]);
  });

  it('with a certificate that expired: the server starts, so that it can be replaced, and says so everywhere', async () => {
    const issuer = {
      certificate: new X509Certificate(readFileSync(inKeys('ca', 'certificate.pem'))).raw,
      key: createPrivateKey(readFileSync(inKeys('ca', 'key.pem'))),
    };
    const [file = ''] = readdirSync(inKeys('receipt-signing'));
    const key = createPrivateKey(readFileSync(inKeys('receipt-signing', file)));
    const expiredOne = await makeSigningCertificate('test', key, issuer, new Date(Date.now() - LONG_AGO_MS));
    writeFileSync(inKeys('signing-certificate.pem'), certificatePem(expiredOne));
    const expired =
      /The signing certificate expired on .*: tills no longer believe parameters and the server’s time\..*Stage a new signing key/;
    const server = await startTestServer({ ground, environment: { KEYS_DIRECTORY: directory } });
    const readiness = await call(server, '/health/ready', { listener: 'operator' });
    expect(await startWarnings(server.running.application)).toEqual([expect.stringMatching(expired)]);
    await server.stop();
    expect(readiness.status).toBe(503);
    expect(readiness.json()).toMatchObject({
      checks: expect.arrayContaining([{ name: 'keys', fault: expect.stringMatching(expired) as string }]) as object[],
    });
    expect(await doctorSays('certificates', { KEYS_DIRECTORY: directory })).toEqual([
      expect.stringMatching(new RegExp(`^failed: ${expired.source}`)),
    ]);
  });
});

describe('a database', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(() => database.drop());

  it.each([
    [
      'that is read-only',
      'ALTER ROLE server_login IN DATABASE $db SET default_transaction_read_only = on',
      'writable',
      /read-only for this log-in .*RESET default_transaction_read_only/,
    ],
    [
      'that confirms what it may lose',
      'ALTER ROLE server_login IN DATABASE $db SET synchronous_commit = off',
      'durability',
      /synchronous_commit off.*ALTER ROLE … SET/,
    ],
    [
      'that was not migrated to the end',
      'DELETE FROM applied_migration WHERE id = (SELECT max(id) FROM applied_migration)',
      'migrations',
      /lacks 1 migrations .*tax-control migrate/,
    ],
    [
      'that a later version migrated',
      `INSERT INTO applied_migration (timestamp, name) VALUES (1895000000000, 'later1895000000000')`,
      'migrations',
      /later version of this program \(it has later1895000000000\).*Run that version/,
    ],
    [
      'of the other environment',
      `INSERT INTO installation (environment) VALUES ('production')`,
      'environment',
      /keys are of the test environment, but this database serves the production environment.*KEYS_DIRECTORY/,
    ],
    [
      'in which the server may not do its work',
      'REVOKE ALL ON ALL TABLES IN SCHEMA public FROM tax_control_server',
      'grants',
      /may not do what a server must|lacks rights: /,
    ],
  ])('%s is told by the doctor, and stops the start', async (_, spoil, check, message) => {
    await queryOnce(database.superuserUrl, spoil.replace('$db', database.name));
    const changes = { DATABASE_URL: database.serverUrl };
    const said = (await doctorSays(check, changes)).join('\n').replaceAll(' → ', ' ');
    expect(said).toMatch(/^failed: /);
    expect(said).toMatch(message);
    expect(await startMessage(changes)).toMatch(message);
  });

  it('that is read-only is told by every command that would write', async () => {
    for (const login of ['operator_login', 'migrator_login'])
      await queryOnce(
        database.superuserUrl,
        `ALTER ROLE ${login} IN DATABASE ${database.name} SET default_transaction_read_only = on`,
      );
    const add = await command({ DATABASE_URL: database.operatorUrl }, 'taxpayer', 'add', 'X1', '--name', 'x');
    expect(add).toMatch(/^3: .*takes no writing: it is a standby, or was made read-only\..*tax-control doctor/);
    const migrate = await command({ DATABASE_URL: database.migratorUrl }, 'migrate');
    expect(migrate).toMatch(/^1: .*read-only for this log-in .*RESET default_transaction_read_only/);
  });

  it('whose sequence was altered is told by the doctor', async () => {
    await queryOnce(database.superuserUrl, 'ALTER SEQUENCE tax_control_number_test CACHE 20');
    expect(await doctorSays('numbers', { DATABASE_URL: database.serverUrl })).toEqual([
      expect.stringMatching(/^failed: .*CACHE 20.* → .*ALTER SEQUENCE tax_control_number_test NO CYCLE CACHE 1/),
    ]);
  });

  it('whose clock is an hour away is told by the doctor', async () => {
    const behind = { ...systemClock, now: () => systemClock.now() - HOUR_MS };
    const said = await doctorSays('clock', { DATABASE_URL: database.serverUrl }, behind);
    expect(said).toEqual([
      expect.stringMatching(/^failed: The clock of this machine is 3\d{3} s behind the database's\. → .*NTP/),
    ]);
  });
});

describe('the server as a process', () => {
  /** Shifts the calendar of a process by an hour. */
  const AN_HOUR_AHEAD = `data:text/javascript,${encodeURIComponent(
    `const Real = Date; globalThis.Date = class extends Real {
       constructor(...values) { super(...(values.length === 0 ? [Real.now() + ${HOUR_MS}] : values)); }
       static now() { return Real.now() + ${HOUR_MS}; }
     };`,
  )}`;

  it('gives up where the database is down, where its port is taken, and tells of a clock that is off', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const [down, portTaken, clock] = await Promise.all([
      withoutDatabase,
      runServer({ TERMINALS_PORT: String(port) }),
      runServer({}, ['--import', AN_HOUR_AHEAD], /clock/),
    ]);
    taken.close();
    expect(down.status).toBe(EXIT_NOT_STARTED);
    expect(down.messages.at(-1)).toBe(
      'The database cannot be reached. See that it runs, that host and port in DATABASE_URL are right, and that no firewall stands between.',
    );
    expect(down.messages.join('\n')).not.toContain('hunter2');
    expect(portTaken.status).toBe(EXIT_NOT_STARTED);
    expect(portTaken.messages.at(-1)).toMatch(
      new RegExp(`^Port ${port} \\(TERMINALS_PORT\\) is taken by another program\\. See who has it .*TERMINALS_PORT`),
    );
    expect(clock.status).toBe(0);
    expect(clock.messages).toContainEqual(
      expect.stringMatching(/^The clock of this machine is 3\d{3} s ahead of the database's\. .*NTP/),
    );
  });
});
