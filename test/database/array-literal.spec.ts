import { array, asyncProperty, assert, constantFrom, oneof, option, string } from 'fast-check';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { arrayLiteral } from '../../src/database/array-literal.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let client: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.serverUrl });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

/** What PostgreSQL reads, told as JSON, so that no array's text is read on this side. */
async function readBack(column: readonly (string | number | null)[], type: string): Promise<unknown> {
  const { rows } = await client.query<{ read: unknown }>(`SELECT to_json($1::${type}[]) AS read`, [
    arrayLiteral(column),
  ]);
  return rows[0]?.read;
}

const SIGNS = [
  '"',
  '\\',
  '{',
  '}',
  ',',
  "'",
  ' ',
  '\t',
  '\r',
  '\n',
  '\v',
  '-',
  '+',
  '.',
  'null',
  'é',
  '\u00A0',
  '漢',
  '😀',
];

it('PostgreSQL reads every text as it was, and what is missing as missing', async () => {
  // PostgreSQL keeps no text with the character 0.
  const text = string({ unit: 'binary' }).map((any) => any.replaceAll('\0', ''));
  const awkward = string({ unit: constantFrom(...SIGNS) });
  const column = array(option(oneof(text, awkward, constantFrom('', 'NULL'))), { maxLength: 30 });
  await assert(
    asyncProperty(column, async (values) => {
      expect(await readBack(values, 'text')).toEqual(values);
    }),
    { numRuns: 200 },
  );
});

it('PostgreSQL reads every whole number as it was', async () => {
  const numbers = [0, -1, 42, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, null];
  expect(await readBack(numbers, 'bigint')).toEqual(numbers);
});
