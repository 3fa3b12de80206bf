import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { systemClock } from '@tax-control/protocol';
import { run } from '../../src/commands/run.js';
import { withSuperuser } from '../../tools/local/roles.js';
import { queryOnce } from '../support/database.js';
import { startTemporaryCluster, type TemporaryCluster } from '../support/temporary-cluster.js';

/** As whoever installs finds it: no role of ours. The administrator has what managed databases give to their first user. */
let cluster: TemporaryCluster;
let folder: string;

beforeAll(async () => {
  cluster = await startTemporaryCluster({}, { bare: true });
  folder = mkdtempSync(join(tmpdir(), 'tax-control-roles-'));
  await withSuperuser(cluster.address.superuserUrl, async (superuser) => {
    await superuser.query(`CREATE ROLE admin LOGIN CREATEROLE CREATEDB PASSWORD 'secret'`);
    await superuser.query(`CREATE ROLE owner LOGIN PASSWORD 'secret'`);
    await superuser.query('CREATE DATABASE owned OWNER owner');
    await superuser.query(`CREATE DATABASE ascii OWNER owner ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0`);
  });
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await cluster.delete();
});

function urlOf(user: string, database: string): string {
  const url = new URL(cluster.address.superuserUrl);
  url.username = user;
  url.password = 'secret';
  url.pathname = `/${database}`;
  return url.href;
}

interface Said {
  readonly status: number;
  readonly out: string;
  readonly errors: string;
}

async function command(url: string, ...line: readonly string[]): Promise<Said> {
  let out = '';
  let errors = '';
  vi.stubEnv('DATABASE_URL', url);
  const status = await run(
    line,
    { out: (text) => (out += text), error: (text) => (errors += text) },
    systemClock,
  ).finally(() => vi.unstubAllEnvs());
  return { status, out, errors };
}

/** As psql does: a statement is a line. */
async function runSql(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (const line of sql.split('\n').filter((text) => text !== '' && !text.startsWith('--')))
      await client.query(line);
  } finally {
    await client.end();
  }
}

const TABLES = `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace`;

describe('migrate', () => {
  it('says before it begins that roles are missing which its log-in may not make', async () => {
    const { status, errors } = await command(urlOf('owner', 'owned'), 'migrate');
    expect(status).toBe(1);
    expect(errors).toMatch(
      /lacks the roles tax_control_server, tax_control_operator, tax_control_auditor, and the log-in owner may not make roles\..*tax-control database roles prints the SQL/,
    );
    expect(await queryOnce(urlOf('owner', 'owned'), TABLES)).toEqual([]);
  });

  it('says that its log-in may not make tables', async () => {
    const { status, errors } = await command(urlOf('admin', 'owned'), 'migrate');
    expect(status).toBe(1);
    expect(errors).toMatch(/log-in admin may not make tables in this database\. Name the migrator/);
  });

  it('says that a database does not keep every letter', async () => {
    const { status, errors } = await command(urlOf('owner', 'ascii'), 'migrate');
    expect(status).toBe(1);
    expect(errors).toMatch(/keeps text as SQL_ASCII.*ENCODING 'UTF8'/);
  });
});

describe('database roles', () => {
  const directory = (): string => join(folder, 'database');

  it('prints SQL that an administrator without SUPERUSER can run, and addresses that open the database', async () => {
    const { port } = new URL(cluster.address.superuserUrl);
    const line = [
      'database',
      'roles',
      '--address',
      `postgresql://127.0.0.1:${port}/office`,
      '--directory',
      directory(),
    ];
    const { status, out } = await command('', ...line);
    expect(status).toBe(0);
    const addresses = Object.fromEntries(
      ['migrator', 'server', 'operator', 'auditor'].map((work) => {
        const file = join(directory(), `${work}-url`);
        expect(statSync(file).mode & 0o777).toBe(0o600);
        return [work, readFileSync(file, 'utf8').trim()];
      }),
    );
    for (const address of Object.values(addresses)) expect(out).not.toContain(new URL(address).password);
    await runSql(urlOf('admin', 'postgres'), out);
    expect(await command(addresses['migrator'] ?? '', 'migrate')).toMatchObject({ status: 0 });
    expect(
      await command(addresses['operator'] ?? '', 'taxpayer', 'add', 'corner-shop', '--name', 'Corner'),
    ).toMatchObject({
      status: 0,
    });
    expect(await queryOnce(addresses['server'] ?? '', 'SELECT name FROM taxpayer')).toEqual([{ name: 'Corner' }]);
    expect(await queryOnce(addresses['auditor'] ?? '', 'SELECT name FROM taxpayer')).toEqual([{ name: 'Corner' }]);
    const powers = `SELECT rolname FROM pg_roles WHERE rolname LIKE 'office_%' AND (rolsuper OR rolcreaterole OR rolcreatedb)`;
    expect(await queryOnce(cluster.address.superuserUrl, powers)).toEqual([]);
  });

  it('writes over no address', async () => {
    const before = readFileSync(join(directory(), 'server-url'), 'utf8');
    const line = ['database', 'roles', '--address', 'postgresql://db/other', '--directory', directory()];
    const { status, errors } = await command('', ...line);
    expect(status).toBe(1);
    expect(errors).toMatch(/migrator-url is there already; nothing was made/);
    expect(readFileSync(join(directory(), 'server-url'), 'utf8')).toBe(before);
  });

  it('makes no passwords unless it may write them down', async () => {
    const { status, out } = await command('', 'database', 'roles');
    expect(status).toBe(0);
    expect(out).toMatch(/CREATE ROLE tax_control_server_login LOGIN;/);
    expect(out).not.toContain('SCRAM');
  });

  it.each(['postgresql://user:secret@db/office', 'postgresql://db/', 'postgresql://db/Office', 'https://db/office'])(
    'takes no address like %s',
    async (address) => {
      const { status, errors } = await command('', 'database', 'roles', '--address', address);
      expect(status).toBe(2);
      expect(errors).toMatch(/--address must be postgresql:\/\/host:port\/name/);
      expect(existsSync(join(folder, 'office'))).toBe(false);
    },
  );
});
