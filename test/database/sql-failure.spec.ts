import { createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { choosePort } from '@tax-control/protocol/testing';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sqlFailure } from '../../src/database/sql-failure.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { testPool } from '../support/pool.js';

// The driver has no codes for what goes wrong with a connection, only words. These are its own, not remembered.

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(async () => {
  await database.drop();
});

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.unreachable('it should have failed'),
    (error: unknown) => error,
  );
}

describe('what the driver throws when the connection is the matter', () => {
  it('nobody listens', async () => {
    const failure = await failureOf(new Client({ host: '127.0.0.1', port: await choosePort() }).connect());
    expect(sqlFailure(failure)).toEqual({ kind: 'unavailable' });
  });

  it('somebody listens and says nothing', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const address = { host: '127.0.0.1', port, connectionTimeoutMillis: 50 };
    const pool = testPool(address);
    expect(sqlFailure(await failureOf(pool.connect()))).toEqual({ kind: 'unavailable' });
    expect(sqlFailure(await failureOf(new Client(address).connect()))).toEqual({ kind: 'unavailable' });
    await pool.end();
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  it('the pool has no session to lend', async () => {
    // Long enough for the first session on a busy machine: it is waited for as well.
    const pool = testPool({ connectionString: database.serverUrl, max: 1, connectionTimeoutMillis: 3_000 });
    const client = await pool.connect();
    expect(sqlFailure(await failureOf(pool.connect()))).toEqual({ kind: 'unavailable' });
    client.release();
    await pool.end();
    expect(sqlFailure(await failureOf(pool.connect()))).toEqual({ kind: 'unavailable' });
  });

  it('the answer takes too long: first the database says so, else the driver', async () => {
    const pool = testPool({ connectionString: database.serverUrl, max: 1, statement_timeout: 50 });
    const cancelled = await failureOf(pool.query('SELECT pg_sleep(60)'));
    expect(sqlFailure(cancelled)).toEqual({ kind: 'unavailable', sqlState: '57014' });
    await pool.end();
    const deaf = testPool({ connectionString: database.serverUrl, max: 1, query_timeout: 50 });
    expect(sqlFailure(await failureOf(deaf.query('SELECT pg_sleep(60)')))).toEqual({ kind: 'unavailable' });
    await deaf.end();
  });

  it('the session is ended while it works, and used afterwards', async () => {
    const client = new Client({ connectionString: database.serverUrl });
    client.on('error', () => undefined);
    await client.connect();
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const work = failureOf(client.query('SELECT pg_sleep(60)'));
    const ended = new Promise<void>((resolve) => client.once('end', resolve));
    const superuser = new Client({ connectionString: database.superuserUrl });
    await superuser.connect();
    await superuser.query('SELECT pg_terminate_backend($1)', [rows[0]!.pid]);
    await superuser.end();
    expect(sqlFailure(await work)).toEqual({ kind: 'unavailable', sqlState: '57P01' });
    await ended;
    expect(sqlFailure(await failureOf(client.query('SELECT 1')))).toEqual({ kind: 'unavailable' });
  });

  it('the session was closed by ourselves', async () => {
    const client = new Client({ connectionString: database.serverUrl });
    await client.connect();
    const work = failureOf(client.query('SELECT pg_sleep(60)'));
    await client.end();
    expect(sqlFailure(await work)).toEqual({ kind: 'unavailable' });
    expect(sqlFailure(await failureOf(client.query('SELECT 1')))).toEqual({ kind: 'unavailable' });
  });
});
