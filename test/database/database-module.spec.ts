import { Test } from '@nestjs/testing';
import type { Pool } from 'pg';
import { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '@tax-control/protocol';
import { ConfigurationModule } from '../../src/configuration/configuration.module.js';
import { readSettings } from '../../src/configuration/read-settings.js';
import { reportsPool } from '../../src/database/data-source.js';
import { DATABASE_POOL, DatabaseModule } from '../../src/database/database.module.js';
import { assertDatabaseFit } from '../../src/database/durability.js';
import { createTestDatabase, queryOnce, type TestDatabase } from '../support/database.js';

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
});

afterEach(async () => {
  await database.drop();
});

/** Starts an application of this module alone and gives what it starts with. */
async function start<T>(
  work: (pool: Pool, dataSource: DataSource) => Promise<T>,
  environment: Readonly<Record<string, string>> = {},
): Promise<T> {
  const settings = readSettings({ DATABASE_URL: database.serverUrl, KEYS_DIRECTORY: '/nowhere', ...environment });
  const module = await Test.createTestingModule({
    imports: [ConfigurationModule.of(settings, systemClock), DatabaseModule],
  }).compile();
  try {
    await module.init();
    return await work(module.get<Pool>(DATABASE_POOL), module.get(DataSource));
  } finally {
    await module.close();
  }
}

describe('DatabaseModule', () => {
  it('starts on a migrated, durable database, with limits on every statement', async () => {
    const limits = await start(async (pool) => {
      const { rows } = await pool.query<{ name: string; setting: string }>(
        `SELECT name, setting FROM pg_settings
         WHERE name IN ('statement_timeout', 'idle_in_transaction_session_timeout', 'application_name') ORDER BY name`,
      );
      return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
    });
    expect(limits).toEqual({
      application_name: 'tax-control server',
      idle_in_transaction_session_timeout: '10000',
      statement_timeout: '10000',
    });
  });

  it('gives TypeORM and the pool the same sessions, and closes them with the application', async () => {
    const own = await start(async (pool, dataSource) => {
      const [row] = await dataSource.query<{ pid: number }[]>('SELECT pg_backend_pid() AS pid');
      expect((await pool.query('SELECT pg_backend_pid() AS pid')).rows).toEqual([row]);
      return pool;
    });
    expect(own.totalCount).toBe(0);
  });

  it('keeps idle sessions for ten minutes, so that a rush after a pause finds them', async () => {
    const kept = await start((pool) => Promise.resolve(pool.options.idleTimeoutMillis));
    expect(kept).toBe(600_000);
    const reports = reportsPool(
      readSettings({ DATABASE_URL: database.serverUrl, KEYS_DIRECTORY: '/nowhere' }).database,
      () => Promise.resolve(),
    );
    expect(reports.options.idleTimeoutMillis).toBe(600_000);
    await reports.end();
  });

  it('does not start where its role has synchronous_commit off', async () => {
    await queryOnce(
      database.superuserUrl,
      `ALTER ROLE server_login IN DATABASE ${database.name} SET synchronous_commit = off`,
    );
    await expect(start(() => Promise.resolve())).rejects.toThrow(/synchronous_commit off.*ALTER ROLE/);
  });

  it('does not start on a database without tables, and says which command makes them', async () => {
    await database.drop();
    database = await createTestDatabase(undefined, { empty: true });
    await expect(start(() => Promise.resolve())).rejects.toThrow(/lacks \d+ migrations .*tax-control migrate/);
  });

  it('does not start on a database of a later version, unless it is told to', async () => {
    await queryOnce(
      database.superuserUrl,
      `INSERT INTO applied_migration (timestamp, name) VALUES (1895000000000, 'later1895000000000')`,
    );
    await expect(start(() => Promise.resolve())).rejects.toThrow(/later version.*later1895000000000/);
    await start((pool) => assertDatabaseFit(pool, { mayBeAhead: true }), { DATABASE_MIGRATED_FURTHER: 'allow' });
  });

  it('does not go on trying with a wrong password', async () => {
    const wrong = new URL(database.serverUrl);
    wrong.password = 'wrong';
    database = { ...database, serverUrl: wrong.href };
    await expect(start(() => Promise.resolve())).rejects.toMatchObject({ code: '28P01' });
  });
});
