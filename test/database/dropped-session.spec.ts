import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Pool } from 'pg';
import { reportsPool } from '../../src/database/data-source.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

/** Longer than the test may take: PostgreSQL must not wait for the end of the statement. */
const SLEEP_S = 120;
const LOCK = 4_711;

let database: TestDatabase;
let pool: Pool;

beforeEach(async () => {
  database = await createTestDatabase();
  const settings = {
    url: database.serverUrl,
    poolSize: 1,
    reportsPoolSize: 2,
    migratedFurther: 'refuse',
    connectTimeoutMs: 10_000,
    statementTimeoutMs: SLEEP_S * 1_000,
  } as const;
  pool = reportsPool(settings, () => Promise.resolve());
});

afterEach(async () => {
  await pool.end();
  await database.drop();
});

it('lets go of its locks though its statement is not done', async () => {
  const client = await pool.connect();
  client.on('error', () => undefined);
  await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
  const sleeping = client.query('SELECT pg_sleep($1)', [SLEEP_S]).catch((error: unknown) => error);
  const asleep = async () =>
    (await pool.query("SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"))
      .rowCount;
  await expect.poll(asleep).toBe(1);
  client.connection.stream.destroy();
  expect(await sleeping).toBeInstanceOf(Error);
  client.release(true);
  const isFree = async () => {
    const { rows } = await pool.query<{ free: boolean }>('SELECT pg_try_advisory_lock($1) AS free', [LOCK]);
    return rows[0]?.free;
  };
  await expect.poll(isFree).toBe(true);
  expect(await asleep()).toBe(0);
});
