import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sqlFailure } from '../src/database/sql-failure.js';
import { type Office, openOffice } from './issuance/office.js';
import { testPool } from './support/pool.js';

/** The tables that hold what was issued or refused, and the partition that content lies in. */
const TABLES = ['ledger', 'content', 'content_default', 'invoice_warning', 'refused_invoice'] as const;
const COLUMN = {
  ledger: 'total',
  content: 'signer',
  content_default: 'signer',
  invoice_warning: 'detail',
  refused_invoice: 'cause',
} as const;

let office: Office;
const pools: Record<string, Pool> = {};

beforeAll(async () => {
  office = await openOffice();
  const { serverUrl, operatorUrl, auditorUrl } = office.ground.database;
  for (const [role, connectionString] of Object.entries({
    server: serverUrl,
    operator: operatorUrl,
    auditor: auditorUrl,
  }))
    pools[role] = testPool({ connectionString, max: 1 });
  const till = await office.till();
  await office.issuance.issue([await till.sale({ counter: 1 }), await till.sale({ counter: 1 })]);
});

afterAll(async () => {
  await Promise.all(Object.values(pools).map((pool) => pool.end()));
  await office.close();
});

/** SQLSTATE with which a statement fails for a role; null when it does not. */
async function failureOf(role: string, sql: string): Promise<string | null> {
  return pools[role]!.query(sql).then(
    () => null,
    (error: unknown) => sqlFailure(error).sqlState ?? String(error),
  );
}

async function failuresOf(role: string, statements: readonly string[]): Promise<(string | null)[]> {
  const failures = [];
  for (const sql of statements) failures.push(await failureOf(role, sql));
  return failures;
}

const INSUFFICIENT_PRIVILEGE = '42501';

describe.each(['server', 'operator', 'auditor'])('the role of the %s', (role) => {
  it.each(TABLES)('cannot update, delete, truncate or lock rows of %s', async (table) => {
    const statements = [
      `UPDATE ${table} SET ${COLUMN[table]} = ${COLUMN[table]}`,
      `DELETE FROM ${table}`,
      `TRUNCATE ${table}`,
      `SELECT FROM ${table} FOR UPDATE`,
      `DROP TABLE ${table}`,
    ];
    expect(await failuresOf(role, statements)).toEqual(statements.map(() => INSUFFICIENT_PRIVILEGE));
  });

  it('cannot set the sequence back, nor let it run in circles', async () => {
    const statements = [
      `SELECT setval('tax_control_number_test', 900000000000)`,
      'ALTER SEQUENCE tax_control_number CYCLE',
    ];
    expect(await failuresOf(role, statements)).toEqual(statements.map(() => INSUFFICIENT_PRIVILEGE));
  });
});

describe('the roles that issue nothing', () => {
  it.each(['operator', 'auditor'])('the %s can read the ledger and not write it', async (role) => {
    expect(await failureOf(role, 'SELECT * FROM ledger JOIN content USING (sequence)')).toBeNull();
    expect(await failureOf(role, 'INSERT INTO ledger SELECT * FROM ledger')).toBe(INSUFFICIENT_PRIVILEGE);
    expect(await failureOf(role, `SELECT nextval('tax_control_number_test')`)).toBe(INSUFFICIENT_PRIVILEGE);
  });
});

describe('the tables themselves', () => {
  const UNIQUE_VIOLATION = '23505';
  const CHECK_VIOLATION = '23514';
  const copy = (changes: string): string =>
    `INSERT INTO ledger SELECT (jsonb_populate_record(ledger, ${changes})).* FROM ledger LIMIT 1`;

  it('take no identity and no sequence twice, and no code that does not begin with its sequence', async () => {
    const server = (sql: string): Promise<string | null> => failureOf('server', sql);
    expect(await server('INSERT INTO ledger SELECT * FROM ledger LIMIT 1')).toBe(UNIQUE_VIOLATION);
    const next = `jsonb_build_object('sequence', sequence + 1000, 'code', lpad((sequence + 1000)::text, 12, '0') || '00000000')`;
    expect(await server(copy(next))).toBe(UNIQUE_VIOLATION);
    const otherId = `'invoice_id', gen_random_uuid()`;
    expect(await server(copy(`jsonb_build_object('sequence', sequence + 1000, ${otherId})`))).toBe(CHECK_VIOLATION);
    expect(await server(copy(`${next} || jsonb_build_object(${otherId})`))).toBeNull();
  });

  it('hold the two numbers in their ranges, one at a time, without going round', async () => {
    const { rows } = await office.ground.superuser.query(
      `SELECT sequencename, min_value, max_value, cycle, cache_size FROM pg_sequences
       WHERE sequencename LIKE 'tax_control_number%' ORDER BY 1`,
    );
    expect(rows).toEqual([
      { sequencename: 'tax_control_number', min_value: '1', max_value: '899999999999', cycle: false, cache_size: '1' },
      {
        sequencename: 'tax_control_number_test',
        min_value: '900000000000',
        max_value: '999999999999',
        cycle: false,
        cache_size: '1',
      },
    ]);
  });
});

describe('the server’s role at the registry', () => {
  it('registers for operators, and changes nothing that stays for life', async () => {
    const allowed = [
      `INSERT INTO taxpayer (taxpayer_id, name) VALUES ('t-roles', 'x')`,
      `UPDATE terminal SET status_reason = status_reason`,
      `UPDATE premises SET region = region`,
    ];
    expect(await failuresOf('server', allowed)).toEqual(allowed.map(() => null));
    const statements = [
      'UPDATE terminal SET premises_id = premises_id',
      'UPDATE premises SET taxpayer_id = taxpayer_id',
      'UPDATE terminal_certificate SET der = der',
      'UPDATE invitation SET secret_digest = secret_digest',
      'UPDATE parameters_version SET settings = settings',
      'UPDATE tax_rate SET rate = rate',
      'DELETE FROM terminal',
      'DELETE FROM premises',
      'DELETE FROM parameters_version',
      'DELETE FROM fetched_parameters',
    ];
    expect(await failuresOf('server', statements)).toEqual(statements.map(() => INSUFFICIENT_PRIVILEGE));
  });
});
