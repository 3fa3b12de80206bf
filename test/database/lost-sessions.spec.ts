import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import type { Pool } from 'pg';
import { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { poolOf, reportsPool, serverDataSourceOptions } from '../../src/database/data-source.js';
import { inTransaction } from '../../src/database/transaction.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

/** The end of an answer (ReadyForQuery, no transaction; PostgreSQL's protocol, 54.7). */
const READY = Buffer.from('5a0000000549', 'hex');

/** What PostgreSQL says to a session that an administrator, a shutdown or a failover ends (ErrorResponse). */
function farewell(): Buffer {
  const fields = Buffer.from(
    'SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0',
    'latin1',
  );
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

/** A line to the database on which the farewell comes in one packet with the answer before it, as on a busy machine. */
async function startLine(databaseUrl: string): Promise<{ url: string; arm(): void; close(): Promise<void> }> {
  const target = new URL(databaseUrl);
  let isArmed = false;
  const server = createServer((client) => {
    const database = connect(Number(target.port), target.hostname);
    for (const socket of [client, database]) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        client.destroy();
        database.destroy();
      });
    }
    client.on('data', (chunk) => database.write(chunk));
    database.on('data', (chunk: Buffer) => {
      if (isArmed && chunk.subarray(-READY.length).equals(READY)) {
        isArmed = false;
        client.end(Buffer.concat([chunk, farewell()]));
      } else client.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    arm: () => {
      isArmed = true;
    },
    close: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

let database: TestDatabase;
let line: Awaited<ReturnType<typeof startLine>>;
beforeEach(async () => {
  database = await createTestDatabase();
  line = await startLine(database.serverUrl);
});
afterEach(async () => {
  await line.close();
  await database.drop();
});

/** Pools of one session each, so that whoever comes second waits for it. */
const POOLS: readonly [string, () => Promise<{ pool: Pool; end: () => Promise<void> }>][] = [
  [
    'of what tills wait for',
    async () => {
      const source = new DataSource(serverDataSourceOptions(settings()));
      await source.initialize();
      return { pool: poolOf(source), end: () => source.destroy() };
    },
  ],
  [
    'of reports',
    () => {
      const pool = reportsPool(settings(), () => Promise.resolve());
      return Promise.resolve({ pool, end: () => pool.end() });
    },
  ],
];

function settings() {
  return {
    url: line.url,
    poolSize: 1,
    reportsPoolSize: 1,
    migratedFurther: 'refuse',
    connectTimeoutMs: 60_000,
    statementTimeoutMs: 60_000,
  } as const;
}

describe.each(POOLS)('a session of the pool %s that is ended', (_which, open) => {
  it.each<[string, (pool: Pool) => Promise<unknown>]>([
    ['a transaction', (pool) => inTransaction(pool, (client) => client.query('SELECT 2'))],
    ['somebody who takes a session', (pool) => pool.connect().then((client) => client.release(true))],
    ['a question', (pool) => pool.query('SELECT 2')],
  ])('at the moment when %s gets it ends no process', async (_who, next) => {
    const uncaught: unknown[] = [];
    const note = (error: unknown): void => void uncaught.push(error);
    process.on('uncaughtException', note);
    const { pool, end } = await open();
    try {
      await pool.query('SELECT 1');
      line.arm();
      const first = pool.query<{ one: number }>('SELECT 1 AS one');
      const second = next(pool).catch((error: unknown) => error);
      expect((await first).rows).toEqual([{ one: 1 }]);
      await second;
      // The next one has another session.
      expect((await pool.query('SELECT 3 AS three')).rows).toEqual([{ three: 3 }]);
      expect(uncaught).toEqual([]);
    } finally {
      process.off('uncaughtException', note);
      await end();
    }
  });
});
