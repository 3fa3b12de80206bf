import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrate, migrationStatus, revertLastMigration } from '../../src/database/migrate.js';
import { readMigrations, type Migration } from '../../src/database/migrations.js';
import { insertInvoice, registerTills, SALE } from '../log-analytics/ledger-rows.js';
import { createTestDatabase, queryOnce, type TestDatabase } from '../support/database.js';
import { testPool } from '../support/pool.js';

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase(undefined, { empty: true });
});

afterEach(async () => {
  await database.drop();
});

/** Everything that the migrations can make, by name. */
function schemaOf(url: string): Promise<unknown[]> {
  return queryOnce(
    url,
    `SELECT 'relation' AS kind, relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace
     UNION ALL SELECT 'function', proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
     UNION ALL SELECT 'type', typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype = 'd'
     ORDER BY 1, 2`,
  );
}

const FIRST: Migration = {
  name: '1795000000001-first',
  timestampMs: 1795000000001,
  up: 'CREATE TABLE one (id bigint PRIMARY KEY)',
  down: 'DROP TABLE one',
};
const SECOND: Migration = {
  name: '1795000000002-second',
  timestampMs: 1795000000002,
  up: 'INSERT INTO one VALUES (1); ALTER TABLE one ADD name text',
};

describe('migrate', () => {
  it('applies the migrations of the project as a role that is no superuser, once', async () => {
    const all = readMigrations().map(({ name }) => name);
    expect(await migrationStatus({ url: database.migratorUrl })).toEqual({ applied: [], pending: all, unknown: [] });
    expect(await migrate({ url: database.migratorUrl })).toEqual({ result: 'migrated', applied: all });
    expect(await migrate({ url: database.migratorUrl })).toEqual({ result: 'migrated', applied: [] });
    expect(await migrationStatus({ url: database.migratorUrl })).toEqual({ applied: all, pending: [], unknown: [] });
  });

  it('finds the way back from each migration of the project that has one, and forward again', async () => {
    const all = readMigrations();
    const reversible = all.slice(all.findLastIndex(({ down }) => down === undefined) + 1);
    await migrate({ url: database.migratorUrl });
    const schema = await schemaOf(database.superuserUrl);
    for (const { name } of reversible.toReversed()) {
      expect(await revertLastMigration({ url: database.migratorUrl })).toEqual({ result: 'reverted', reverted: name });
    }
    expect(await schemaOf(database.superuserUrl)).not.toEqual(schema);
    await migrate({ url: database.migratorUrl });
    expect(await schemaOf(database.superuserUrl)).toEqual(schema);
  });

  it('counts tax once, whichever way tax at issuance goes', async () => {
    const all = readMigrations();
    const upTo = all.findIndex(({ name }) => name.endsWith('-tax-at-issuance')) + 1;
    await migrate({ url: database.migratorUrl, migrations: all.slice(0, upTo) });
    const pool = testPool(database.superuserUrl);
    await registerTills(pool, [
      { terminalId: SALE.terminalId, premisesId: 'shop', taxpayerId: 'chain', region: 'North' },
    ]);
    for (let invoice = 0; invoice < 4; invoice += 1) await insertInvoice(pool, SALE);
    const tax = () =>
      pool
        .query<{ rows: string; tax: string }>(
          `SELECT (SELECT count(*) FROM ledger_tax) AS rows, sum(amount) AS tax FROM invoice_figure WHERE figure = 'tax'`,
        )
        .then(({ rows }) => rows[0]);
    expect(await tax()).toEqual({ rows: '2', tax: '80' });
    await revertLastMigration({ url: database.migratorUrl });
    expect(await tax()).toEqual({ rows: '0', tax: '80' });
    await migrate({ url: database.migratorUrl });
    expect(await tax()).toEqual({ rows: '0', tax: '80' });
    await pool.end();
  });

  it('lets one of two at once do the work, the other wait for it', async () => {
    const both = await Promise.all([migrate({ url: database.migratorUrl }), migrate({ url: database.migratorUrl })]);
    const applied = both.map((one) => (one.result === 'migrated' ? one.applied.length : -1)).sort((a, b) => a - b);
    expect(applied).toEqual([0, readMigrations().length]);
  });

  it('waits no longer than it was told, and touches nothing then', async () => {
    const slow = { ...FIRST, up: `SELECT pg_sleep(60)` };
    const first = migrate({ url: database.migratorUrl, migrations: [slow] }).catch((error: unknown) => error);
    await expect
      .poll(() =>
        queryOnce(
          database.superuserUrl,
          `SELECT FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()`,
        ),
      )
      .toHaveLength(1);
    expect(await migrate({ url: database.migratorUrl, migrations: [FIRST], waitMs: 50 })).toEqual({ result: 'busy' });
    await queryOnce(
      database.superuserUrl,
      `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'`,
    );
    expect(await first).toBeInstanceOf(Error);
    expect(await migrate({ url: database.migratorUrl, migrations: [FIRST] })).toEqual({
      result: 'migrated',
      applied: [FIRST.name],
    });
  });

  it('rolls back a migration that fails, names it, and keeps those before it', async () => {
    const broken = { ...SECOND, up: 'INSERT INTO one VALUES (1); INSERT INTO one VALUES (1)' };
    const attempt = migrate({ url: database.migratorUrl, migrations: [FIRST, broken] });
    await expect(attempt).rejects.toThrow(/^1795000000002-second was rolled back: duplicate key/);
    expect(await queryOnce(database.superuserUrl, 'SELECT * FROM one')).toEqual([]);
    expect(await migrate({ url: database.migratorUrl, migrations: [FIRST, SECOND] })).toEqual({
      result: 'migrated',
      applied: [SECOND.name],
    });
  });

  it('leaves a database alone that a later version has migrated', async () => {
    await migrate({ url: database.migratorUrl, migrations: [FIRST, SECOND] });
    const ahead = { result: 'ahead', unknown: ['second1795000000002'] };
    expect(await migrate({ url: database.migratorUrl, migrations: [FIRST] })).toEqual(ahead);
    expect(await revertLastMigration({ url: database.migratorUrl, migrations: [FIRST] })).toEqual(ahead);
  });

  it('says that an irreversible one has no way back', async () => {
    await migrate({ url: database.migratorUrl, migrations: [FIRST, SECOND] });
    const attempt = revertLastMigration({ url: database.migratorUrl, migrations: [FIRST, SECOND] });
    await expect(attempt).rejects.toThrow(/1795000000002-second is irreversible/);
  });
});
