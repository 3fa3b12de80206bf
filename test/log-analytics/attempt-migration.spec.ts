import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Migration, readMigrations } from '../../src/database/migrations.js';
import { createTestDatabase, queryOnce, type TestDatabase } from '../support/database.js';

const NAME = '1795449600000-attempt-statistics';

let database: TestDatabase;
let mine: Migration | undefined;
beforeAll(async () => {
  database = await createTestDatabase(undefined, { empty: true });
  const migrations = readMigrations();
  mine = migrations.find(({ name }) => name === NAME);
  for (const { up, timestampMs } of migrations) if (timestampMs < (mine?.timestampMs ?? 0)) await run(up);
});
afterAll(() => database.drop());

function run(statement: string): Promise<Record<string, unknown>[]> {
  return queryOnce(database.superuserUrl, statement);
}

it('counts what was uploaded before there were sums, and leaves the entries as they were on the way back', async () => {
  await run(`INSERT INTO taxpayer (taxpayer_id, name) VALUES ('anna', 'Anna');
    INSERT INTO premises (premises_id, taxpayer_id, name, region, activity, address)
      VALUES ('shop', 'anna', 'Shop', 'north', 'retail', 'Street 1');
    INSERT INTO terminal (terminal_id, premises_id, taxpayer_id) VALUES ('till', 'shop', 'anna');
    INSERT INTO transaction_log_entry (terminal_id, entry_id, at, door, invoice_id, outcome, cause, total_ms)
    SELECT 'till', gen_random_uuid(), coalesce(at, now()), 'issue', gen_random_uuid(), outcome, cause, 20
    FROM (VALUES ('issued', NULL, NULL::timestamptz), ('failed', 'answer_timeout', NULL), ('failed', 'eaten_by_mice', NULL),
      ('failed', 'answer_timeout', '1970-01-01')) AS entry (outcome, cause, at)`);
  const before = await run('SELECT * FROM transaction_log_entry ORDER BY entry_id');
  await run(mine?.up ?? '');
  expect(
    await run(`SELECT cause, attempts, total_counts[15] AS in_bucket FROM attempt_count
      WHERE level = 'region' AND grain = 'day' AND scope_id = 'north' ORDER BY cause`),
  ).toEqual([
    { cause: '', attempts: 1, in_bucket: 1 },
    { cause: 'answer_timeout', attempts: 1, in_bucket: 1 },
    { cause: 'unknown', attempts: 1, in_bucket: 1 },
  ]);
  await run(mine?.down ?? '');
  expect(await run('SELECT * FROM transaction_log_entry ORDER BY entry_id')).toEqual(before);
});
