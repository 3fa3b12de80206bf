import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { reserveNumbers } from '../../src/ledger/reserve-numbers.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

/** After so many runs Postgres may keep one plan for the life of the session (manual, PREPARE). */
const RUNS_BEFORE_KEPT_PLAN = 6;

let database: TestDatabase;
let client: Client;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});
beforeEach(async () => {
  client = new Client({ connectionString: database.superuserUrl });
  await client.connect();
});
afterEach(async () => {
  await client.end();
});

it.each([1, 32])(
  'numbers for lists of %i are reserved by a kept plan that reads one entry of a journal, though it was made when the ledger was empty',
  async (length) => {
    const journalId = randomUUID();
    const candidates = Array.from({ length }, (_, index) => ({
      terminalId: 'till-1',
      invoiceId: randomUUID(),
      journalId,
      counter: index + 1,
      number: { key: `r-${index}`, type: 'normal', kind: 'sale', year: 2026, supersedes: null } as const,
      newestCode: `9${String(index).padStart(19, '0')}`,
    }));
    for (let run = 0; run < RUNS_BEFORE_KEPT_PLAN; run += 1) await reserveNumbers(client, 'test', candidates);
    const { rows: statements } = await client.query<{ generic_plans: string }>(
      `SELECT generic_plans FROM pg_prepared_statements WHERE name = 'reserve-numbers'`,
    );
    expect(Number(statements[0]?.generic_plans)).toBeGreaterThan(0);
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN (COSTS OFF) EXECUTE "reserve-numbers"
       ('{till-1}', '{${randomUUID()}}', '{${journalId}}', '{1}', 'tax_control_number_test',
        '{r-1}', '{normal}', '{sale}', '{2026}', '{NULL}', '{90000000000000000001}')`,
    );
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toContain('Index Only Scan Backward using ledger_journal');
    expect(plan).toContain('Index Scan using ledger_number');
    expect(plan).not.toMatch(/Sort|Seq Scan/);
  },
);
