import type { Client } from 'pg';
import { type FillChunk, planFill, SHOPS } from './fill-plan.js';

export interface FillOptions {
  /** Invoices to fill in. */
  readonly filled: number;
  readonly onProgress: (stage: string, done: number, total: number) => void;
  readonly signal: AbortSignal;
}

/** What was filled in: its numbers, both ends included, and the time before which all of it was sold. */
export interface Filled {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly before: Date;
  readonly terminals: number;
}

/** Tables with rows of an invoice, and what joins them to it. Rows of several originals no till of the bench makes. */
const TABLES = {
  ledger: 'sequence',
  content: 'sequence',
  ledger_tax: 'sequence',
  invoice_warning: 'sequence',
  transaction_log_entry: 'invoice_id',
} as const;
type Table = keyof typeof TABLES;

/** Log entries alone are not read by a number. */
const NUMBERED = ['ledger', 'content', 'ledger_tax', 'invoice_warning'] as const;

/** Columns that differ from those of the base row, as SQL; all others are as the base row has them. */
const CHANGED: Readonly<Record<Table, Readonly<Record<string, string>>>> = {
  ledger: {
    sequence: 'copy.sequence',
    code: `digits || lpad((98 - digits::numeric * 100 % 97)::text, 2, '0')`,
    terminal_id: 'copy.terminal_id',
    premises_id: 'copy.premises_id',
    taxpayer_id: 'copy.taxpayer_id',
    invoice_id: 'copy.invoice_id',
    digest: `sha256(convert_to(copy.invoice_id::text, 'UTF8'))`,
    journal_id: 'copy.journal_id',
    counter: 'copy.counter',
    number: `'F' || copy.shop || '-' || copy.counter`,
    number_key: `'f' || copy.shop || '-' || copy.counter`,
    issued_at: 'base.issued_at + copy.shift',
    counted_at: 'base.counted_at + copy.shift',
    business_day: `((base.issued_at + copy.shift) AT TIME ZONE 'UTC')::date`,
    registered_at: 'base.registered_at + copy.shift',
    reference_terminal_id: 'copy.reference_terminal_id',
    reference_invoice_id: 'copy.reference_invoice_id',
    // Old rows, whose sums were made long ago: no roll-up begins with them.
    recorded_in: `'0'::xid8`,
  },
  content: {
    sequence: 'copy.sequence',
    registered_at: 'base.registered_at + copy.shift',
    attempt_id: 'gen_random_uuid()',
  },
  ledger_tax: { sequence: 'copy.sequence' },
  invoice_warning: { sequence: 'copy.sequence' },
  transaction_log_entry: {
    terminal_id: 'copy.terminal_id',
    entry_id: 'gen_random_uuid()',
    invoice_id: 'copy.invoice_id',
    at: 'base.at + copy.shift',
    received_at: 'base.received_at + copy.shift',
  },
};

/**
 * Makes millions of invoices of those that were issued through the doors: the same rows, sold in the days before, under other ids, numbers, codes,
 * counters and journals, by many terminals (those of the bench among them, with journals that are no longer in use), with their content, taxes,
 * warnings and log entries. Written in the order of time with all indexes and checks in place, as a database grows. No sums are made of them, as if
 * that were done long ago. The numbers of what is issued next come behind them.
 *
 * The receipts are no signed ones, and neither is the content: what reads them tells the same about them all but a verification.
 *
 * @param superuser whose session this is alone
 */
export async function fillLedger(superuser: Client, options: FillOptions): Promise<Filled> {
  const { filled, onProgress, signal } = options;
  await superuser.query(`SET session_replication_role = replica; SET synchronous_commit = off; SET work_mem = '64MB'`);
  const { base, tills, before } = await makeBase(superuser);
  await registerShops(superuser);
  const plan = planFill(filled, base, tills);
  await makePartitions(superuser, new Date(before.getTime() - filled * plan.stepMs), before);
  const firstSequence = await takeNumbers(superuser, filled);
  await markSumsAsMade(superuser);
  const statements: string[] = [];
  for (const table of Object.keys(TABLES) as Table[])
    statements.push(insertOf(table, await columnsOf(superuser, table)));
  for (const chunk of plan.chunks) {
    signal.throwIfAborted();
    await superuser.query('TRUNCATE copy');
    await superuser.query(COPY, valuesOf(chunk, { filled, base, before, firstSequence, stepMs: plan.stepMs }));
    for (const statement of statements) await superuser.query(statement);
    onProgress('filling', chunk.first + chunk.count, filled);
  }
  await superuser.query('SET session_replication_role = DEFAULT; SET synchronous_commit = DEFAULT');
  onProgress('vacuum', 0, 1);
  for (const table of Object.keys(TABLES)) await superuser.query(`VACUUM (ANALYZE) ${table}`);
  return { firstSequence, lastSequence: firstSequence + filled - 1, before, terminals: SHOPS * tills };
}

/** Takes away what was filled in. The audit cannot tell it from what was issued, and would find no genuine signature on it. */
export async function takeAway(superuser: Client, { firstSequence, lastSequence, before }: Filled): Promise<void> {
  // Nothing that stays refers to it: what was issued afterwards takes back what its own till sold.
  await superuser.query('SET session_replication_role = replica');
  for (const table of NUMBERED)
    await superuser.query(`DELETE FROM ${table} WHERE sequence BETWEEN $1 AND $2`, [firstSequence, lastSequence]);
  await superuser.query('DELETE FROM transaction_log_entry WHERE at < $1', [before]);
  await superuser.query('SET session_replication_role = DEFAULT');
  for (const table of Object.keys(TABLES)) await superuser.query(`VACUUM (ANALYZE) ${table}`);
}

/** What everything is made of, in temporary tables: all that was issued so far, numbered by `place` so that both doors take turns. */
async function makeBase(
  superuser: Client,
): Promise<{ readonly base: number; readonly tills: number; readonly before: Date }> {
  for (const table of Object.keys(TABLES))
    await superuser.query(`CREATE TEMPORARY TABLE base_${table} AS SELECT * FROM ${table}; ANALYZE base_${table}`);
  await superuser.query(`
    CREATE TEMPORARY TABLE base_order AS
    SELECT sequence, row_number() OVER (ORDER BY nth, door) - 1 AS place
    FROM (SELECT sequence, door, row_number() OVER (PARTITION BY door ORDER BY sequence) AS nth FROM base_ledger) AS at_door;
    CREATE TEMPORARY TABLE base_place AS
    SELECT place, sequence, invoice_id, terminal_id, premises_id, taxpayer_id, issued_at,
           dense_rank() OVER (ORDER BY terminal_id) AS till,
           row_number() OVER (PARTITION BY terminal_id ORDER BY place) AS nth, count(*) OVER (PARTITION BY terminal_id) AS of_till,
           (SELECT original_order.place FROM base_ledger AS original JOIN base_order AS original_order USING (sequence)
            WHERE original.invoice_id = base_ledger.reference_invoice_id) AS original_place
    FROM base_ledger JOIN base_order USING (sequence);
    CREATE TEMPORARY TABLE copy (
      sequence bigint, base_sequence bigint, base_invoice_id uuid, shop integer, terminal_id text, premises_id text, taxpayer_id text,
      invoice_id uuid, journal_id uuid, counter bigint, shift interval, reference_terminal_id text, reference_invoice_id uuid
    )`);
  const { rows } = await superuser.query<{ base: string; tills: string; before: Date }>(
    `SELECT count(*) AS base, count(DISTINCT terminal_id) AS tills, min(issued_at) - interval '1 second' AS before FROM base_ledger`,
  );
  const [row] = rows;
  if (row === undefined || row.base === '0') throw new Error('nothing was issued of which more could be made');
  return { base: Number(row.base), tills: Number(row.tills), before: row.before };
}

/** Shop 0 is that of the bench. */
const OF_SHOP = (id: string): string => `${id} || CASE WHEN shop = 0 THEN '' ELSE '-' || shop END`;

/** An id of version 7 (RFC 9562, 5.7) made of its time and of the number of the invoice, so that a refund can name it. */
function uuidOf(number: string, sinceEpoch: string): string {
  const random = `md5('filled ' || (${number}))`;
  return `(lpad(to_hex((${sinceEpoch})::bigint), 12, '0') || '7' || left(${random}, 3) || '8' || right(${random}, 15))::uuid`;
}

/** Time of sale of the n-th invoice of those that are filled in, milliseconds since 1970. */
const SOLD_MS = (number: string): string => `floor($6::float8 - ($5::float8 - (${number})) * $7::float8)`;

const COPY = `
INSERT INTO copy
SELECT $8::bigint + number, base.sequence, base.invoice_id, shop, ${OF_SHOP('base.terminal_id')}, ${OF_SHOP('base.premises_id')},
       ${OF_SHOP('base.taxpayer_id')}, ${uuidOf('number', SOLD_MS('number'))},
       md5('journal ' || base.till || ' ' || shop)::uuid, $1::bigint * base.of_till + base.nth,
       to_timestamp(${SOLD_MS('number')} / 1000) - base.issued_at,
       CASE WHEN original_number IS NOT NULL THEN ${OF_SHOP('base.terminal_id')} END,
       ${uuidOf('original_number', SOLD_MS('original_number'))}
FROM base_place AS base
CROSS JOIN generate_series(0, ${SHOPS - 1}) AS shop
CROSS JOIN LATERAL (
  SELECT ($1::bigint * $9::bigint + place) * ${SHOPS} + shop AS number, ($1::bigint * $9::bigint + original_place) * ${SHOPS} + shop AS original_number
) AS numbered
WHERE place >= $2::bigint AND place < $3::bigint AND number < $4::bigint`;

function valuesOf(
  { round, from, to, first, count }: FillChunk,
  all: {
    readonly filled: number;
    readonly base: number;
    readonly before: Date;
    readonly firstSequence: number;
    readonly stepMs: number;
  },
): unknown[] {
  return [round, from, to, first + count, all.filled, all.before.getTime(), all.stepMs, all.firstSequence, all.base];
}

async function columnsOf(superuser: Client, table: Table): Promise<string[]> {
  const { rows } = await superuser.query<{ name: string }>(
    `SELECT attname AS name FROM pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum`,
    [table],
  );
  return rows.map(({ name }) => name);
}

function insertOf(table: Table, columns: readonly string[]): string {
  const values = columns.map((column) => CHANGED[table][column] ?? `base.${column}`);
  return `
    INSERT INTO ${table} (${columns.join(', ')})
    SELECT ${values.join(', ')}
    FROM copy JOIN base_${table} AS base ON base.${TABLES[table]} = copy.base_${TABLES[table]}
    ${table === 'ledger' ? "CROSS JOIN LATERAL (SELECT lpad(copy.sequence::text, 12, '0') || substr(base.code, 13, 6) AS digits) AS written" : ''}
    ORDER BY copy.sequence`;
}

/** The same shop once more, under other ids. */
async function registerShops(superuser: Client): Promise<void> {
  const shops = `generate_series(1, ${SHOPS - 1}) AS shop`;
  await superuser.query(`
    INSERT INTO taxpayer (taxpayer_id, name)
    SELECT DISTINCT ${OF_SHOP('taxpayer_id')}, 'Filled in ' || shop FROM base_place CROSS JOIN ${shops};
    INSERT INTO premises (premises_id, taxpayer_id, name, region, activity, address)
    SELECT DISTINCT ${OF_SHOP('premises_id')}, ${OF_SHOP('taxpayer_id')}, 'Filled in ' || shop, 'Region ' || shop % 8, 'retail', 'Road ' || shop
    FROM base_place CROSS JOIN ${shops};
    INSERT INTO terminal (terminal_id, premises_id, taxpayer_id)
    SELECT DISTINCT ${OF_SHOP('terminal_id')}, ${OF_SHOP('premises_id')}, ${OF_SHOP('taxpayer_id')} FROM base_place CROSS JOIN ${shops}`);
}

async function makePartitions(superuser: Client, from: Date, to: Date): Promise<void> {
  await superuser.query(
    `SELECT ensure_content_partition(month::date)
     FROM generate_series(date_trunc('month', $1::timestamptz, 'UTC'), $2::timestamptz, interval '1 month') AS month`,
    [from, to],
  );
}

/** Takes so many numbers from the sequence at once, as if they had been given. @returns the first of them */
async function takeNumbers(superuser: Client, count: number): Promise<number> {
  const { rows } = await superuser.query<{ last: string }>(
    `SELECT setval(number_sequence, nextval(number_sequence) + $1::bigint - 1) AS last
     FROM (SELECT CASE environment WHEN 'test' THEN 'tax_control_number_test' ELSE 'tax_control_number' END::regclass AS number_sequence
           FROM installation) AS serves`,
    [count],
  );
  return Number(rows[0]?.last) - count + 1;
}

/** Where no roll-up has run yet, it begins behind what is filled in, too. */
async function markSumsAsMade(superuser: Client): Promise<void> {
  for (const table of ['invoice_statistics_mark', 'journal_mark'])
    await superuser.query(
      `UPDATE ${table} SET number = 9223372036854775807 WHERE source = 'ledger' AND recorded_in = '0'`,
    );
}
