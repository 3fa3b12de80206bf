import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { systemClock } from '@tax-control/protocol';
import { run } from '../../src/commands/run.js';
import { makeCertificate } from '../../src/keys/make-certificate.js';
import { certificatePem } from '../../src/keys/make-parts.js';
import { withSuperuser } from '../../tools/local/roles.js';
import { giveTo, postgresUser } from '../../tools/local/postgres/system-user.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { makeTestKeys, type TestKeys } from '../support/keys.js';
import { startTemporaryCluster, type TemporaryCluster } from '../support/temporary-cluster.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** A signal to a process, on the busiest machine. */
const RELOAD_LIMIT_MS = 30_000;

let keys: TestKeys;
/** It asks everybody but the superuser for TLS, and `cert_login` for a certificate too. */
let cluster: TemporaryCluster;
let database: TestDatabase;
/** In the cluster of all tests, which has no TLS. */
let plain: TestDatabase;
let authorityFile: string;

beforeAll(async () => {
  keys = await makeTestKeys();
  authorityFile = join(keys.directory, 'ca', 'certificate.pem');
  cluster = await startTemporaryCluster();
  database = await createTestDatabase(cluster.address);
  plain = await createTestDatabase();
  const data = join(cluster.directory, 'data');
  writeFileSync(
    join(data, 'pg_hba.conf'),
    [
      'local all all trust',
      'hostssl all cert_login all scram-sha-256 clientcert=verify-full',
      'host all postgres all scram-sha-256',
    ]
      .concat('hostssl all all all scram-sha-256')
      .join('\n') + '\n',
  );
  await useCertificate('valid', ['localhost'], tomorrow());
  await withSuperuser(cluster.address.superuserUrl, async (superuser) => {
    await superuser.query(`CREATE ROLE cert_login LOGIN PASSWORD 'secret'`);
    await superuser.query(`CREATE ROLE busy_login LOGIN PASSWORD 'secret' CONNECTION LIMIT 0`);
    await superuser.query(`CREATE ROLE stranger_login LOGIN PASSWORD 'secret'`);
    await superuser.query(`GRANT CONNECT ON DATABASE ${database.name} TO busy_login, cert_login`);
  });
});

afterAll(async () => {
  await plain.drop();
  await cluster.delete();
  await keys.remove();
});

function tomorrow(): Date {
  return new Date(Date.now() + DAY_MS);
}

/** Has the database show another certificate of our authority from the next connection on. */
async function useCertificate(name: string, hosts: readonly string[], notAfter: Date): Promise<void> {
  const issuer = {
    certificate: new X509Certificate(readFileSync(authorityFile)).raw,
    key: createPrivateKey(readFileSync(join(keys.directory, 'ca', 'key.pem'))),
  };
  const folder = join(cluster.directory, 'data', name);
  mkdirSync(folder, { mode: 0o700 });
  giveTo(postgresUser(), folder);
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const der = await makeCertificate({
    purpose: 'server',
    subject: { commonName: 'database' },
    key,
    notBefore: new Date(notAfter.getTime() - 2 * DAY_MS),
    notAfter,
    hosts,
    issuer,
  });
  const files = {
    'certificate.pem': certificatePem(der),
    'key.pem': key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    'ca.pem': readFileSync(authorityFile, 'utf8'),
  };
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    writeFileSync(file, content, { mode: 0o600 });
    chmodSync(file, 0o600);
    giveTo(postgresUser(), file);
  }
  await withSuperuser(cluster.address.superuserUrl, async (superuser) => {
    for (const [setting, value] of Object.entries({
      ssl: 'on',
      ssl_cert_file: join(folder, 'certificate.pem'),
      ssl_key_file: join(folder, 'key.pem'),
      ssl_ca_file: join(folder, 'ca.pem'),
    }))
      await superuser.query(`ALTER SYSTEM SET ${setting} = '${value}'`);
    await superuser.query('SELECT pg_reload_conf()');
  });
  // The postmaster reads it some milliseconds later.
  await vi.waitUntil(
    () =>
      withSuperuser(cluster.address.superuserUrl, async (superuser) => {
        const { rows } = await superuser.query<{ ssl_cert_file: string }>('SHOW ssl_cert_file');
        return rows[0]?.ssl_cert_file === join(folder, 'certificate.pem');
      }),
    { timeout: RELOAD_LIMIT_MS },
  );
}

/** An address like that of the server, with other parts. */
function address(parts: {
  host?: string;
  user?: string;
  password?: string;
  name?: string;
  query?: string;
  port?: number;
}): string {
  const url = new URL(database.serverUrl);
  url.hostname = parts.host ?? 'localhost';
  url.username = parts.user ?? url.username;
  url.password = parts.password ?? url.password;
  url.pathname = `/${parts.name ?? database.name}`;
  url.port = String(parts.port ?? url.port);
  url.search = parts.query ?? `?sslmode=verify-full&sslrootcert=${authorityFile}`;
  return url.href;
}

/** Status and words of a command that looks into the database. */
async function command(url: string, ...line: readonly string[]): Promise<string> {
  let said = '';
  vi.stubEnv('DATABASE_URL', url);
  const write = (text: string) => (said += text);
  const status = await run(
    line.length === 0 ? ['migrate', '--status'] : line,
    { out: write, error: write },
    systemClock,
  ).finally(() => vi.unstubAllEnvs());
  return `${status}: ${said}`;
}

/** A server that is no PostgreSQL. */
async function startImpostor(answer: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => answer(socket));
  }).listen(0, 'localhost');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

describe('a database with TLS by an authority of the office', () => {
  it('lets in who names its authority', async () => {
    expect(await command(address({}))).toMatch(/^0: applied/);
  });

  it.each([
    [
      'an unknown authority',
      () => address({ query: '?sslmode=require' }),
      /authority that this machine does not trust\. .*sslmode=verify-full&sslrootcert=/,
    ],
    [
      'another name',
      () => address({ host: '127.0.0.1' }),
      /for another name than the host in DATABASE_URL\. Name the database/,
    ],
    [
      'no TLS',
      () => address({ query: '' }),
      /refused the log-in\. .*lets nobody in without TLS, add \?sslmode=verify-full/,
    ],
    ['no client certificate', () => address({ user: 'cert_login', password: 'secret' }), /&sslcert=…&sslkey=…/],
    ['another password', () => address({ password: 'x' }), /refused the log-in\. Correct user and password/],
    ['no password', () => address({ password: '' }), /asks for a password, and DATABASE_URL has none\./],
    ['an unknown user', () => address({ user: 'nobody_login' }), /refused the log-in\. Correct user and password/],
    ['another database', () => address({ name: 'nowhere' }), /no database of that name\. .*tax-control database roles/],
    [
      'too many connections',
      () => address({ user: 'busy_login', password: 'secret' }),
      /no connection left\. Raise max_connections/,
    ],
    ['an unknown host', () => address({ host: 'nowhere.invalid' }), /its name is unknown here\. Correct the name/],
  ])('says what to do about %s', async (_, url, message) => {
    const said = await command(url());
    expect(said).toMatch(message);
    // 3 says that the same again may work; 1 that somebody must correct something first.
    expect(said).toMatch(/connection left|unknown here/.test(said) ? /^3: / : /^1: /);
  });

  it('says what to do about a log-in that may not connect', async () => {
    const said = await command(address({ user: 'stranger_login', password: 'secret' }), 'taxpayer', 'list');
    expect(said).toMatch(/^1: .*may not do that\. Use one that is a member of the role tax_control_operator/);
  });

  it('says what to do about a certificate that has expired', async () => {
    await useCertificate('expired', ['localhost'], new Date(Date.now() - DAY_MS));
    expect(await command(address({}))).toMatch(
      /^1: .*certificate of the database has expired.*Renew it at the database/,
    );
    await useCertificate('valid-again', ['localhost'], tomorrow());
  });
});

describe('an address at which is not what it says', () => {
  it('a database without TLS is named so', async () => {
    expect(await command(`${plain.serverUrl}?sslmode=verify-full`)).toMatch(
      /^1: .*offers no TLS, and DATABASE_URL asks for it\./,
    );
  });

  it.each([
    [
      'that speaks HTTP',
      '',
      (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
      /cannot be reached\. .*host and port/,
    ],
    [
      'that speaks HTTP in place of TLS',
      '?sslmode=verify-full',
      (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
      /does not begin TLS as PostgreSQL does\./,
    ],
    [
      'that speaks no TLS after all',
      '?sslmode=verify-full',
      (socket: Socket) => {
        socket.write('S');
        socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
      },
      /agree on no version or cipher of TLS/,
    ],
  ])('a server %s is told from one that is down', async (_, query, answer, message) => {
    const { server, port } = await startImpostor(answer);
    const said = await command(address({ port, query })).finally(() => server.close());
    expect(said).toMatch(message);
    expect(said).toMatch(query === '' ? /^3: / : /^1: /);
  });
});
