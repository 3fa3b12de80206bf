import { parseCode } from '@tax-control/protocol';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Filled, fillLedger, takeAway } from '../tools/bench/growth/fill-ledger.js';
import { insertInvoice, registerTills, SALE } from './log-analytics/ledger-rows.js';
import { createTestDatabase, type TestDatabase } from './support/database.js';

const TERMINALS = ['till-1', 'till-2'];
const ISSUED = 20;
/** More than all copies of what was issued come to in one round (20 times 63). */
const FILLED = 3_000;

let database: TestDatabase;
let client: Client;
let filled: Filled;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.superuserUrl });
  await client.connect();
  await client.query(`INSERT INTO installation (environment) VALUES ('test')`);
  const place = { premisesId: 'shop', taxpayerId: 'chain', region: 'North' };
  await registerTills(
    client,
    TERMINALS.map((terminalId) => ({ terminalId, ...place })),
  );
  for (let index = 0; index < ISSUED; index += 1)
    await insertInvoice(client, {
      ...SALE,
      terminalId: TERMINALS[index % 2] ?? '',
      door: index % 5 === 0 ? 'reissue' : 'issue',
      warnings: index % 4 === 0 ? ['clock_off'] : [],
    });
  // The newest takes the one before it back.
  await client.query(
    `UPDATE ledger SET kind = 'refund', reference_terminal_id = original.terminal_id, reference_invoice_id = original.invoice_id
     FROM ledger AS original WHERE ledger.sequence = (SELECT max(sequence) FROM ledger) AND original.sequence = ledger.sequence - 2`,
  );
  await client.query(
    `INSERT INTO transaction_log_entry (terminal_id, entry_id, at, door, invoice_id, outcome)
     SELECT terminal_id, gen_random_uuid(), issued_at, door, invoice_id, 'issued' FROM ledger`,
  );
  filled = await fillLedger(client, {
    filled: FILLED,
    onProgress: () => undefined,
    signal: new AbortController().signal,
  });
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

async function one(sql: string): Promise<unknown> {
  const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' });
  return rows[0]?.[0];
}

const COPIES = "FROM ledger WHERE number LIKE 'F%'";

it('fills in as many invoices as it was told, by many terminals, all sold before', async () => {
  expect(await one(`SELECT count(*)::integer ${COPIES}`)).toBe(FILLED);
  expect(await one(`SELECT count(DISTINCT terminal_id)::integer ${COPIES}`)).toBe(filled.terminals);
  expect(
    await one(
      `SELECT count(*)::integer ${COPIES} AND issued_at > (SELECT min(issued_at) FROM ledger WHERE number NOT LIKE 'F%')`,
    ),
  ).toBe(0);
});

it('gives each a readable code, an id and a counter of its own, and journals without a gap', async () => {
  const { rows } = await client.query<{ code: string }>(`SELECT code ${COPIES}`);
  expect(rows.filter(({ code }) => parseCode(code) === null)).toEqual([]);
  expect(await one(`SELECT count(DISTINCT (journal_id, counter))::integer ${COPIES}`)).toBe(FILLED);
  expect(
    await one(
      `SELECT count(*)::integer FROM (SELECT count(*) = max(counter) AS whole ${COPIES} GROUP BY journal_id) AS journal WHERE NOT whole`,
    ),
  ).toBe(0);
});

it('takes along what belongs to an invoice', async () => {
  expect(
    await one(
      `SELECT count(*)::integer FROM content JOIN (SELECT sequence, registered_at ${COPIES}) AS copy USING (sequence, registered_at)`,
    ),
  ).toBe(FILLED);
  expect(
    await one(
      `SELECT count(*)::integer FROM transaction_log_entry JOIN (SELECT terminal_id, invoice_id ${COPIES}) AS copy USING (terminal_id, invoice_id)`,
    ),
  ).toBe(FILLED);
  for (const table of ['ledger_tax', 'invoice_warning'])
    expect(
      await one(`SELECT count(*)::integer FROM ${table} JOIN (SELECT sequence ${COPIES}) AS copy USING (sequence)`),
    ).toBeGreaterThan(FILLED / 5);
});

it('lets each refund take back the copy that its original has at the same terminal', async () => {
  expect(await one(`SELECT count(*)::integer ${COPIES} AND kind = 'refund'`)).toBeGreaterThan(0);
  expect(
    await one(
      `SELECT count(*)::integer FROM ledger AS refund WHERE number LIKE 'F%' AND kind = 'refund' AND NOT EXISTS (
         SELECT FROM ledger AS original WHERE original.terminal_id = refund.terminal_id AND original.kind = 'sale'
           AND original.invoice_id = refund.reference_invoice_id AND original.number LIKE 'F%')`,
    ),
  ).toBe(0);
});

it('gives numbers behind them next, and leaves what was issued alone when they go', async () => {
  expect(Number(await one(`SELECT nextval('tax_control_number_test')`))).toBe(filled.lastSequence + 1);
  await takeAway(client, filled);
  for (const table of ['ledger', 'content', 'transaction_log_entry'])
    expect(await one(`SELECT count(*)::integer FROM ${table}`)).toBe(ISSUED);
});
