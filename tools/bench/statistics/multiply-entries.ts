import type { Client } from 'pg';

const WEEK_DAYS = 7;
/** A year of weeks. */
const WEEKS = 52;

export interface MultiplyOptions {
  /** How many entries there shall be in all, about. */
  readonly entries: number;
  readonly onProgress: (stage: string, done: number, total: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Makes many log entries of a simulated week: a year of such weeks, for as many copies of the fleet as it takes, shifted by
 * minutes. Straight in the database, without triggers and with the indexes made afterwards; the sums are then made by the product's
 * own rebuild.
 * @param superuser whose session this is alone
 * @returns how many there are
 */
export async function multiplyEntries(
  superuser: Client,
  { entries, onProgress, signal }: MultiplyOptions,
): Promise<number> {
  const base = await countEntries(superuser);
  const copies = Math.max(1, Math.round(entries / (base * WEEKS)));
  await superuser.query(
    `SET session_replication_role = replica; SET synchronous_commit = off; SET maintenance_work_mem = '512MB'`,
  );
  for (let copy = 1; copy < copies; copy += 1) await copyFleet(superuser, copy);
  await superuser.query('CREATE TEMPORARY TABLE base_entry AS SELECT * FROM transaction_log_entry; ANALYZE base_entry');
  const restore = await dropIndexes(superuser);
  for (let copy = 0; copy < copies; copy += 1) {
    signal.throwIfAborted();
    await superuser.query(COPY_ENTRIES, [copy, WEEKS]);
    onProgress('multiplying entries', copy + 1, copies);
  }
  for (const [index, statement] of restore.entries()) {
    signal.throwIfAborted();
    await superuser.query(statement);
    onProgress('indexes', index + 1, restore.length);
  }
  await superuser.query('SET session_replication_role = DEFAULT; SET synchronous_commit = DEFAULT');
  await superuser.query('VACUUM (ANALYZE) transaction_log_entry');
  return countEntries(superuser);
}

/** Copy 0 is the fleet itself, whose newest week is there already. */
const COPY_ENTRIES = `
INSERT INTO transaction_log_entry (terminal_id, entry_id, at, received_at, door, invoice_id, outcome, cause, detail, address,
                                   connect_ms, tls_ms, answer_ms, total_ms, counted_cause)
SELECT terminal_id || CASE WHEN $1::int = 0 THEN '' ELSE '-' || $1::int END, gen_random_uuid(),
       at - shift, received_at - shift, door, gen_random_uuid(), outcome, cause, detail, address,
       connect_ms, tls_ms, answer_ms, total_ms, counted_cause
FROM base_entry
CROSS JOIN generate_series(CASE WHEN $1::int = 0 THEN 1 ELSE 0 END, $2::int - 1) AS week
CROSS JOIN LATERAL (SELECT make_interval(days => week * ${WEEK_DAYS}, mins => ($1::int * 7 + week) % 60) AS shift) AS shifted`;

/** The same shops once more, under other ids. */
async function copyFleet(superuser: Client, copy: number): Promise<void> {
  await superuser.query(
    `INSERT INTO taxpayer (taxpayer_id, name) SELECT taxpayer_id || '-' || $1, name FROM taxpayer WHERE taxpayer_id !~ '-.*-'`,
    [copy],
  );
  await superuser.query(
    `INSERT INTO premises (premises_id, taxpayer_id, name, region, activity, address)
     SELECT premises_id || '-' || $1, taxpayer_id || '-' || $1, name, region, activity, address FROM premises
     WHERE premises_id !~ '-.*-'`,
    [copy],
  );
  await superuser.query(
    `INSERT INTO terminal (terminal_id, premises_id, taxpayer_id, registered_at)
     SELECT terminal_id || '-' || $1, premises_id || '-' || $1, taxpayer_id || '-' || $1, registered_at FROM terminal
     WHERE terminal_id !~ '-.*-'`,
    [copy],
  );
}

/** @returns the statements that make them again */
async function dropIndexes(superuser: Client): Promise<string[]> {
  const { rows } = await superuser.query<{ name: string; is_primary: boolean; definition: string }>(
    `SELECT indexrelid::regclass::text AS name, indisprimary AS is_primary, pg_get_indexdef(indexrelid) AS definition
     FROM pg_index WHERE indrelid = 'transaction_log_entry'::regclass`,
  );
  const { rows: keys } = await superuser.query<{ name: string; definition: string }>(
    `SELECT conname AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint
     WHERE conrelid = 'transaction_log_entry'::regclass AND contype = 'p'`,
  );
  for (const { name } of keys) await superuser.query(`ALTER TABLE transaction_log_entry DROP CONSTRAINT ${name}`);
  const others = rows.filter(({ is_primary }) => !is_primary);
  for (const { name } of others) await superuser.query(`DROP INDEX ${name}`);
  return [
    ...keys.map(({ name, definition }) => `ALTER TABLE transaction_log_entry ADD CONSTRAINT ${name} ${definition}`),
    ...others.map(({ definition }) => definition),
  ];
}

async function countEntries(client: Client): Promise<number> {
  const { rows } = await client.query<{ n: string }>('SELECT count(*) AS n FROM transaction_log_entry');
  return Number(rows[0]?.n ?? 0);
}
