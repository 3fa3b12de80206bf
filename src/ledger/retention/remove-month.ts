import { setTimeout as sleep } from 'node:timers/promises';
import type { PoolClient } from 'pg';
import { sqlFailure } from '../../database/sql-failure.js';

/**
 * How long taking a partition away may keep invoices waiting: shorter than the 1.5 s that a till gives a sale, so that no sale
 * turns offline for it.
 */
const LOCK_TIMEOUT_MS = 500;
const LOCK_PAUSE_MS = 1_000;
/** Tries to find a moment without long transactions: a minute. */
const LOCK_ATTEMPTS_MAX = 40;
/** SQLSTATE lock_not_available. */
const LOCK_NOT_AVAILABLE = '55P03';

/** What became of a month. `detachedTable`: where its content is now; null: dropped, or there was none in a partition. */
export interface Removal {
  readonly month: string;
  readonly invoices: number;
  readonly held: number;
  readonly detachedTable: string | null;
}

/**
 * `month`: its first day, YYYY-MM-DD. `isDropped`: whether what was detached is deleted at once. `nowMs`: milliseconds since 1970, part of the
 * name of the detached table.
 */
export interface MonthToRemove {
  readonly month: string;
  readonly isDropped: boolean;
  readonly nowMs: number;
}

/**
 * Takes the content of a month away, but for taxpayers under a legal hold, and keeps each invoice's tax beside the ledger. Needs a
 * transaction of the tables' owner, and the advisory lock `retention`. Invoices go on being issued: all that takes long is
 * done on the month's own partition, and the exchange itself is a matter of the catalogue.
 */
export async function removeMonth(client: PoolClient, { month, isDropped, nowMs }: MonthToRemove): Promise<Removal> {
  if (!/^\d{4}-\d{2}-01$/.test(month)) throw new Error('a month is named by its first day');
  const partition = `content_${month.slice(0, 'YYYY-MM'.length).replace('-', '_')}`;
  const isAttached = await hasPartition(client, partition);
  const fromPartition = isAttached ? await detach(client, month, partition, nowMs) : NOTHING;
  const fromDefault = await removeFromDefault(client, month);
  const invoices = fromPartition.invoices + fromDefault.invoices;
  const held = fromPartition.held + fromDefault.held;
  const { table } = fromPartition;
  if (table !== null && isDropped) await client.query(`DROP TABLE ${table}`);
  await client.query(
    `INSERT INTO removed_content (month, invoices, held, detached_table, dropped_at)
     VALUES ($1, $2, $3, $4, CASE WHEN $5 THEN clock_timestamp() END)`,
    [month, invoices, held, table, isDropped],
  );
  return { month, invoices, held, detachedTable: isDropped ? null : table };
}

/** Deletes what earlier removals detached; tells the tables. */
export async function dropDetached(client: PoolClient): Promise<string[]> {
  const { rows } = await client.query<{ detached_table: string }>(
    `UPDATE removed_content SET dropped_at = clock_timestamp()
     WHERE detached_table IS NOT NULL AND dropped_at IS NULL RETURNING detached_table`,
  );
  // By somebody else's hand it may be gone already.
  for (const { detached_table: table } of rows)
    await client.query(`DROP TABLE IF EXISTS ${client.escapeIdentifier(table)}`);
  return rows.map((row) => row.detached_table);
}

/** What stands beside the ledger of a month's tax is not what was signed: once the signed bytes are gone, nobody could tell any more. */
export class TaxDiffers extends Error {
  override readonly name = 'TaxDiffers';
}

interface Taken {
  readonly invoices: number;
  readonly held: number;
  readonly table: string | null;
}

const NOTHING: Taken = { invoices: 0, held: 0, table: null };

const HELD = 'SELECT taxpayer_id FROM legal_hold WHERE released_at IS NULL';

async function hasPartition(client: PoolClient, partition: string): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT FROM pg_inherits WHERE inhparent = 'content'::regclass AND inhrelid = to_regclass($1)`,
    [partition],
  );
  return rows.length > 0;
}

async function detach(client: PoolClient, month: string, partition: string, nowMs: number): Promise<Taken> {
  // Nothing comes into so old a month; should it all the same, it waits, and goes to content_default.
  await client.query(`LOCK TABLE ${partition} IN SHARE ROW EXCLUSIVE MODE`);
  await keepTax(client, partition, 'true');
  const stamp = nowMs.toString(36);
  const table = `detached_${partition}_${stamp}`;
  const kept = `kept_${partition}_${stamp}`;
  const held = await copyHeld(client, partition, kept);
  const { rows } = await client.query<{ count: string }>(`SELECT count(*) FROM ${partition}`);
  const first = `'${month}'::timestamp AT TIME ZONE 'UTC'`;
  const next = `('${month}'::date + interval '1 month') AT TIME ZONE 'UTC'`;
  const bounds = await client.query<{ first: string; next: string }>(
    `SELECT quote_literal(${first}) AS first, quote_literal(${next}) AS next`,
  );
  const { first: from = '', next: to = '' } = bounds.rows[0] ?? {};
  // Postgres need not read what the constraint says.
  if (held > 0)
    await client.query(`ALTER TABLE ${kept} ADD CHECK (registered_at >= ${from} AND registered_at < ${to})`);
  else await client.query(`DROP TABLE ${kept}`);
  await exchange(client, [
    `ALTER TABLE content DETACH PARTITION ${partition}`,
    `ALTER TABLE ${partition} RENAME TO ${table}`,
    `REVOKE ALL ON ${table} FROM tax_control_server, tax_control_operator, tax_control_auditor`,
    ...(held === 0
      ? []
      : [
          `ALTER TABLE ${kept} RENAME TO ${partition}`,
          `ALTER TABLE content ATTACH PARTITION ${partition} FOR VALUES FROM (${from}) TO (${to})`,
          `GRANT SELECT ON ${partition} TO tax_control_auditor`,
        ]),
  ]);
  return { invoices: Number(rows[0]?.count) - held, held, table };
}

async function copyHeld(client: PoolClient, partition: string, kept: string): Promise<number> {
  await client.query(`CREATE TABLE ${kept} (LIKE content INCLUDING ALL)`);
  const { rowCount } = await client.query(
    `INSERT INTO ${kept} SELECT ${partition}.* FROM ${partition} JOIN ledger USING (sequence) WHERE taxpayer_id IN (${HELD})`,
  );
  return rowCount ?? 0;
}

/** What is in no partition of its own is deleted; there is little of it, if any. */
async function removeFromDefault(client: PoolClient, month: string): Promise<Taken> {
  const ofMonth = `date_trunc('month', registered_at AT TIME ZONE 'UTC') = '${month}'::timestamp`;
  await keepTax(client, 'content_default', ofMonth);
  const { rowCount } = await client.query(
    `DELETE FROM content_default WHERE ${ofMonth} AND sequence NOT IN (
       SELECT sequence FROM content_default JOIN ledger USING (sequence, registered_at)
       WHERE ${ofMonth} AND taxpayer_id IN (${HELD})
     )`,
  );
  const { rows } = await client.query<{ count: string }>(`SELECT count(*) FROM content_default WHERE ${ofMonth}`);
  return { invoices: rowCount ?? 0, held: Number(rows[0]?.count), table: null };
}

/** Of invoices whose tax stands in their content alone: same rows as the view invoice_figure reads from there. */
async function keepTax(client: PoolClient, partition: string, condition: string): Promise<void> {
  await client.query(
    `INSERT INTO ledger_tax (sequence, category, rate, base, amount)
     SELECT sequence, tax.category, tax.rate, tax.base, tax.amount
     FROM ${partition} JOIN ledger USING (sequence, registered_at) CROSS JOIN LATERAL taxes_of(payload) AS tax
     WHERE type IN ('normal', 'advance') AND taxpayer_id NOT IN (${HELD}) AND ${condition}
       AND NOT EXISTS (SELECT FROM ledger_tax WHERE ledger_tax.sequence = ledger.sequence)`,
  );
  await requireTaxAsSigned(client, partition, condition);
}

/** @throws TaxDiffers */
async function requireTaxAsSigned(client: PoolClient, partition: string, condition: string): Promise<void> {
  const { rows } = await client.query<{ invoices: string; first: string | null }>(
    `WITH going AS (
       SELECT sequence, payload FROM ${partition} JOIN ledger USING (sequence, registered_at)
       WHERE type IN ('normal', 'advance') AND taxpayer_id NOT IN (${HELD}) AND ${condition}
     ), signed AS (
       SELECT sequence, tax.category, tax.rate, tax.base, tax.amount FROM going CROSS JOIN LATERAL taxes_of(payload) AS tax
     ), kept AS (
       SELECT sequence, category, rate, base::numeric, amount::numeric FROM ledger_tax WHERE sequence IN (SELECT sequence FROM going)
     ), levied AS (
       SELECT sequence, tax.category, tax.rate, tax.levy FROM going CROSS JOIN LATERAL levies_of(payload) AS tax
     ), kept_levy AS (
       SELECT sequence, category, rate, levy FROM ledger_tax WHERE levy IS NOT NULL AND sequence IN (SELECT sequence FROM going)
     ), differing AS (
       SELECT sequence FROM ((TABLE signed EXCEPT ALL TABLE kept) UNION ALL (TABLE kept EXCEPT ALL TABLE signed)) AS sums
       UNION ALL
       SELECT sequence FROM ((TABLE levied EXCEPT ALL TABLE kept_levy) UNION ALL (TABLE kept_levy EXCEPT ALL TABLE levied)) AS levies(sequence)
     )
     SELECT count(DISTINCT sequence) AS invoices, min(sequence) AS first
     FROM differing`,
  );
  const { invoices = '0', first = null } = rows[0] ?? {};
  if (first !== null)
    throw new TaxDiffers(
      `${partition}: of ${invoices} invoices the tax in ledger_tax is not what was signed; the first is number ${first}. ` +
        'This month stays. See all of them: npm run audit. Mend their rows from the signed bytes, then apply again.',
    );
}

/** Statements that no invoice may wait for long: tried again and again for a moment in which they need not wait themselves. */
async function exchange(client: PoolClient, statements: readonly string[]): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    await client.query('SAVEPOINT exchange');
    try {
      await client.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
      for (const statement of statements) await client.query(statement);
      await client.query('SET LOCAL lock_timeout = DEFAULT');
      return;
    } catch (error) {
      if (sqlFailure(error).sqlState !== LOCK_NOT_AVAILABLE || attempt === LOCK_ATTEMPTS_MAX) throw error;
      await client.query('ROLLBACK TO SAVEPOINT exchange');
      await sleep(LOCK_PAUSE_MS);
    }
  }
}
