import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type InvoiceCriteria, searchInvoices } from '../../src/ledger/search-invoices.js';
import { registerTills } from '../log-analytics/ledger-rows.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

/** All of one day, so that a search by their time finds them all. */
const INVOICES = 10_000;
const TRAINING_EVERY = 10;

let database: TestDatabase;
let client: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.superuserUrl });
  await client.connect();
  await registerTills(client, [
    { terminalId: 'till-0', premisesId: 'shop-0', taxpayerId: 'chain', region: 'North' },
    { terminalId: 'till-1', premisesId: 'shop-1', taxpayerId: 'chain', region: 'North' },
  ]);
  await client.query(
    `INSERT INTO ledger (sequence, code, terminal_id, invoice_id, digest, taxpayer_id, premises_id, journal_id, counter, type, kind,
                         number, number_key, issued_at, business_day, currency, total, door, registered_at, receipt_key, receipt_signature)
     SELECT 900000000000 + n, (900000000000 + n) || '00000000', 'till-' || n % 2, gen_random_uuid(), sha256(n::text::bytea), 'chain',
            'shop-' || n % 2, gen_random_uuid(), 1, CASE WHEN n % ${TRAINING_EVERY} = 0 THEN 'training' ELSE 'normal' END, 'sale',
            'R-' || n / 2, 'r-' || n / 2, '2026-11-20T10:00:00Z', '2026-11-20', 'GBP', 100, 'issue', '2026-11-20T10:00:00Z', 'key',
            decode(repeat('00', 64), 'hex')
     FROM generate_series(1, ${INVOICES}) AS n`,
  );
  await client.query('ANALYZE ledger');
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

const OF_THE_DAY: InvoiceCriteria = {
  sequence: null,
  invoiceId: null,
  number: 'R-45',
  totalFrom: null,
  totalTo: null,
  currency: null,
  from: '2026-11-20T00:00:00Z',
  to: '2026-11-21T00:00:00Z',
  taxpayerId: null,
  premisesId: null,
  terminalId: null,
  kind: null,
};
const PAGE = { offset: 0, limit: 51 };

it('finds a number at every till, among what counts in turnover and what does not', async () => {
  const found = await searchInvoices(client, OF_THE_DAY, 'all', PAGE);
  expect(found).toHaveLength(2);
  const types = found.map(({ row }) => [row.terminalId, row.type]);
  expect(Object.fromEntries(types)).toEqual({ 'till-0': 'training', 'till-1': 'normal' });
});

it.each(['all', ['shop-0']] as const)('reads no invoices of other numbers: a search in the view %j', async (view) => {
  const plans: string[] = [];
  const explaining = {
    query: async (text: string, values: unknown[]) => {
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN (COSTS OFF) ${text}`, values);
      plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
      return { rows: [] };
    },
  };
  await searchInvoices(explaining as unknown as Client, OF_THE_DAY, view, PAGE);
  expect(plans).toHaveLength(1);
  expect(plans[0]).toContain('Bitmap Index Scan on ledger_number');
  expect(plans[0]).toContain('Bitmap Index Scan on ledger_number_uncounted');
  expect(plans[0]).not.toMatch(/Seq Scan on ledger|ledger_issued/);
});
