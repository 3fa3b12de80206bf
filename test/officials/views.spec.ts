import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sees } from '../../src/officials/view.js';
import { resolveView } from '../../src/officials/visible-premises.js';
import { createTestDatabase, queryOnce, type TestDatabase } from '../support/database.js';
import { testPool } from '../support/pool.js';

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = testPool(database.serverUrl);
  await queryOnce(
    database.superuserUrl,
    `INSERT INTO taxpayer (taxpayer_id, name) SELECT 'X' || n, 'Taxpayer' FROM generate_series(1, 3) AS n;
     INSERT INTO premises (premises_id, taxpayer_id, name, region, activity, address)
     VALUES ('P1', 'X1', 'a', 'north', 'b', 'c'), ('P2', 'X1', 'a', 'south', 'b', 'c'), ('P3', 'X2', 'a', 'north', 'b', 'c')`,
  );
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

it('resolves a view to premises', async () => {
  expect(await resolveView(pool, { kind: 'all' })).toBe('all');
  expect(await resolveView(pool, { kind: 'regions', regions: ['north'] })).toEqual(['P1', 'P3']);
  expect(await resolveView(pool, { kind: 'regions', regions: ['north', 'south'] })).toEqual(['P1', 'P2', 'P3']);
  expect(await resolveView(pool, { kind: 'taxpayers', taxpayerIds: ['X1'] })).toEqual(['P1', 'P2']);
  expect(await resolveView(pool, { kind: 'taxpayers', taxpayerIds: ['X3'] })).toEqual([]);
  expect(await resolveView(pool, { kind: 'regions', regions: ['%', `' OR ''='`, 'NORTH'] })).toEqual([]);
});

it('counts new premises at once', async () => {
  await queryOnce(
    database.operatorUrl,
    `INSERT INTO premises (premises_id, taxpayer_id, name, region, activity, address) VALUES ('P4', 'X3', 'a', 'north', 'b', 'c')`,
  );
  expect(await resolveView(pool, { kind: 'regions', regions: ['north'] })).toEqual(['P1', 'P3', 'P4']);
});

it('shows premises of a view and no others', () => {
  expect([sees('all', 'P1'), sees(['P1'], 'P1'), sees(['P1'], 'P10'), sees([], 'P1')]).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
