import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type QueryResultRow } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres, type RunningPostgres } from './postgres.js';
import { identifyProcess } from './process-identity.js';

let directory: string;
let running: RunningPostgres | undefined;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tax-control-postgres-spec-'));
  chmodSync(directory, 0o711);
});

afterEach(async () => {
  await running?.stop();
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

async function query<Row extends QueryResultRow>(url: string, text: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

describe('startPostgres', () => {
  it('makes a durable cluster, on loopback only, with a random password and no secret that others can read', async () => {
    running = await startPostgres({ directory: join(directory, 'own') });
    const settings = await query<{ name: string; setting: string }>(
      running.superuserUrl,
      `SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes',
       'listen_addresses', 'password_encryption', 'server_encoding') ORDER BY name`,
    );
    expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
      fsync: 'on',
      full_page_writes: 'on',
      listen_addresses: '127.0.0.1',
      password_encryption: 'scram-sha-256',
      server_encoding: 'UTF8',
      synchronous_commit: 'on',
    });
    const files = readdirSync(join(directory, 'own'), { withFileTypes: true });
    const readable = files
      .filter((file) => file.isFile() || file.name === 'data')
      .filter((file) => (statSync(join(directory, 'own', file.name)).mode & 0o077) !== 0);
    expect(readable).toEqual([]);
    const wrong = new URL(running.superuserUrl);
    wrong.password = 'postgres';
    await expect(query(wrong.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('keeps what was committed when it is killed, and starts again with the same password and port', async () => {
    running = await startPostgres({ directory: join(directory, 'own') });
    const { port, superuserUrl } = running;
    await query(superuserUrl, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await running.kill();
    expect(identifyProcess(running.pid)).toBeUndefined();
    // A connection that the kernel had queued for the dead process is reset, the ones after it are refused.
    await expect(query(superuserUrl, 'SELECT 1')).rejects.toMatchObject({
      code: expect.stringMatching(/^(ECONNREFUSED|ECONNRESET)$/) as unknown,
    });
    running = await startPostgres({ directory: join(directory, 'own'), port });
    expect(await query(superuserUrl, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it('takes over from a server whose starter is gone, though it still lives', async () => {
    const first = await startPostgres({ directory: join(directory, 'own') });
    running = await startPostgres({ directory: join(directory, 'own'), port: first.port });
    await first.ended;
    expect(running.pid).not.toBe(first.pid);
    expect(await query(running.superuserUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('is not kept from starting by backends of a killed server that are still at work', async () => {
    const first = await startPostgres({ directory: join(directory, 'own') });
    const busy = new Client({ connectionString: first.superuserUrl });
    busy.on('error', () => undefined);
    await busy.connect();
    const { rows } = await busy.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const work = busy
      .query('SELECT sum(i) FROM generate_series(1, 100000000000) AS i')
      .catch((error: unknown) => error);
    await first.kill();
    expect(identifyProcess(rows[0]!.pid)).toBeDefined();
    running = await startPostgres({ directory: join(directory, 'own') });
    expect(identifyProcess(rows[0]!.pid)).toBeUndefined();
    expect(await work).toBeInstanceOf(Error);
  });

  it('ignores a pid file whose number belongs to another process by now', async () => {
    const stranger = spawn('sleep', ['60']);
    await once(stranger, 'spawn');
    try {
      const file = join(directory, 'own', 'data', 'postmaster.pid');
      writeFileSync(file, `${stranger.pid}\n${join(directory, 'own', 'data')}\n1\n5432\n\n127.0.0.1\n\nready\n`);
      running = await startPostgres({ directory: join(directory, 'own') });
      expect(stranger.exitCode).toBeNull();
    } finally {
      stranger.kill();
    }
  });

  it('says so when the stated port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    try {
      await expect(startPostgres({ directory: join(directory, 'own'), port })).rejects.toThrow(
        `port ${port} is taken by another program`,
      );
    } finally {
      other.close();
    }
  });

  it('begins again after it was killed while it made the cluster', async () => {
    const half = join(directory, 'half');
    mkdirSync(join(half, 'data.unfinished-abcdef', 'data'), { recursive: true });
    chmodSync(half, 0o711);
    running = await startPostgres({ directory: half });
    expect(await query(running.superuserUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    // Beside log and password there may be the binaries, where their own folder is closed to the user who runs them.
    expect(readdirSync(half).filter((name) => name.startsWith('data'))).toEqual(['data']);
  });

  it('takes settings, and refuses with the log when one is wrong', async () => {
    running = await startPostgres({ directory: join(directory, 'own'), settings: { max_connections: 20 } });
    expect(await query(running.superuserUrl, 'SHOW max_connections')).toEqual([{ max_connections: '20' }]);
    await running.stop();
    await expect(
      startPostgres({ directory: join(directory, 'own'), settings: { max_connections: "it's many" } }),
    ).rejects.toThrow(/max_connections/);
  });

  it('tells what to do with data of another version', async () => {
    const old = join(directory, 'old');
    mkdirSync(join(old, 'data'), { recursive: true });
    chmodSync(old, 0o711);
    writeFileSync(join(old, 'data', 'PG_VERSION'), '17\n');
    await expect(startPostgres({ directory: old })).rejects.toThrow(/PostgreSQL 17; installed is 18.*--fresh/);
  });

  it.runIf(process.getuid?.() === 0)('refuses, as root, a folder that its user can not enter', async () => {
    const closed = join(directory, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    await expect(startPostgres({ directory: join(closed, 'cluster') })).rejects.toThrow(/can't enter .*--directory/);
  });
});
