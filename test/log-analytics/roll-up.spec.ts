import { randomUUID } from 'node:crypto';
import { type LogEntry, systemClock } from '@tax-control/protocol';
import type { InvoiceStatistics } from '@tax-control/protocol/console';
import { Client, type Pool } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../src/commands/run.js';
import { InvoiceStatisticsService } from '../../src/log-analytics/invoices/invoice-statistics.js';
import { rollUp } from '../../src/log-analytics/invoices/roll-up.js';
import { storeLogEntries } from '../../src/log-analytics/upload/log-entry-store.js';
import { PremisesDirectory } from '../../src/registry/premises-directory.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { testPool } from '../support/pool.js';
import { insertEntry, insertInvoice, insertRefusal, registerTills, SALE } from './ledger-rows.js';

const ROWS_MAX = 100;

const ENTRY: LogEntry = {
  id: '',
  at: '',
  door: 'issue',
  invoiceId: randomUUID(),
  outcome: 'failed',
  cause: 'connect_timeout',
  detail: null,
  address: null,
  connectMs: 30,
  tlsMs: null,
  answerMs: null,
  totalMs: 3_000,
};

let database: TestDatabase;
let pool: Pool;
let superuser: Pool;

beforeEach(async () => {
  database = await createTestDatabase();
  pool = testPool(database.serverUrl);
  superuser = testPool(database.superuserUrl);
  await registerTills(superuser, [
    { terminalId: 'north-1', premisesId: 'north', taxpayerId: 'chain', region: 'North' },
    { terminalId: 'south-1', premisesId: 'south', taxpayerId: 'chain', region: 'South' },
  ]);
});

afterEach(async () => {
  await Promise.all([pool.end(), superuser.end()]);
  await database.drop();
});

function ofTheDay(filter = {}, directory = new PremisesDirectory(pool)): Promise<InvoiceStatistics> {
  const period = { from: '2026-11-20T00:00:00Z', to: '2026-11-21T00:00:00Z', zone: 'UTC', step: 'day' } as const;
  return new InvoiceStatisticsService(pool, directory).statistics({ period, filter }, 'all');
}

async function invoicesOfTheDay(filter = {}): Promise<number> {
  return (await ofTheDay(filter)).figures.invoices.value;
}

/** Rolls up until the sums hold so many rows. Transactions of other specs in the cluster may hold it back for a moment. */
async function rollUpAll(expected: number, rowsMax = ROWS_MAX): Promise<void> {
  let rows = 0;
  await expect
    .poll(
      async () => {
        const outcome = await rollUp(pool, rowsMax);
        return (rows += outcome.result === 'done' ? outcome.rows : 0);
      },
      { timeout: 60_000, interval: 20 },
    )
    .toBe(expected);
}

/** How many invoices the sums alone hold. */
async function takenOver(): Promise<number> {
  const { rows } = await superuser.query<{ times: string | null }>(
    `SELECT sum(times) AS times FROM invoice_statistics WHERE level = 'all' AND grain = 'day' AND figure = 'invoices'`,
  );
  return Number(rows[0]?.times);
}

describe('the roll-up', () => {
  it('passes by no transaction that took its number early and commits late', async () => {
    const late = new Client({ connectionString: database.serverUrl });
    await late.connect();
    await late.query('BEGIN');
    await insertInvoice(late, SALE);
    await insertInvoice(pool, SALE);
    // The one that is committed has the higher number and waits for the other: until then it is added live.
    expect(await rollUp(pool, ROWS_MAX)).toEqual({ result: 'done', rows: 0, more: false });
    expect([await takenOver(), await invoicesOfTheDay()]).toEqual([0, 1]);
    await late.query('COMMIT');
    await late.end();
    expect([await takenOver(), await invoicesOfTheDay()]).toEqual([0, 2]);
    await rollUpAll(2);
    expect([await takenOver(), await invoicesOfTheDay()]).toEqual([2, 2]);
    expect(await rollUp(pool, ROWS_MAX)).toEqual({ result: 'done', rows: 0, more: false });
    expect([await takenOver(), await invoicesOfTheDay()]).toEqual([2, 2]);
  });

  it('takes what one transaction wrote in bites too', async () => {
    const writer = new Client({ connectionString: database.serverUrl });
    await writer.connect();
    await writer.query('BEGIN');
    for (const _ of [1, 2, 3]) await insertInvoice(writer, SALE);
    await writer.query('COMMIT');
    await writer.end();
    await rollUpAll(2, 2);
    expect([await takenOver(), await invoicesOfTheDay()]).toEqual([2, 3]);
    await rollUpAll(1, 2);
    expect([await takenOver(), await invoicesOfTheDay()]).toEqual([3, 3]);
  });

  it('is done by one at a time', async () => {
    await insertInvoice(pool, SALE);
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => rollUp(pool, ROWS_MAX)));
    expect(outcomes.some(({ result }) => result === 'done')).toBe(true);
    await expect.poll(() => rollUp(pool, ROWS_MAX).then(takenOver)).toBe(1);
    expect([await takenOver(), await invoicesOfTheDay()]).toEqual([1, 1]);
  });

  it('is held up by no content that cannot be read', async () => {
    await insertInvoice(pool, SALE);
    await insertInvoice(pool, SALE);
    await superuser.query('DELETE FROM ledger_tax');
    await superuser.query(`UPDATE content SET payload = '\\x80' WHERE sequence = (SELECT min(sequence) FROM content)`);
    await rollUpAll(2);
    const { money } = await ofTheDay();
    expect(money).toMatchObject([{ turnover: { value: '240' }, taxes: [{ rate: '20', base: { value: '100' } }] }]);
  });

  it('keeps sums that pass 2^63', async () => {
    for (const _ of [1, 2]) {
      await insertInvoice(pool, { ...SALE, total: Number.MAX_SAFE_INTEGER });
    }
    await superuser.query(`UPDATE ledger SET total = 9223372036854775807`);
    await rollUpAll(2);
    expect((await ofTheDay()).money).toMatchObject([{ turnover: { value: '18446744073709551614' } }]);
  });
});

describe('what a till has stored', () => {
  const at = new Date('2026-11-20T10:20:30Z');
  const pendingNow = async (): Promise<number> => (await ofTheDay()).figures.pending.value;

  it('is pending until it has its code or is refused, whichever the till or the server says', async () => {
    const ids = [1, 2, 3, 4].map(() => randomUUID());
    const [coded = '', refused = '', parked = '', waiting = ''] = ids;
    for (const invoiceId of ids) {
      await insertEntry(pool, {
        terminalId: 'north-1',
        invoiceId,
        at,
        door: 'issue',
        outcome: 'failed',
        cause: 'no_route',
      });
      await insertEntry(pool, {
        terminalId: 'north-1',
        invoiceId,
        at,
        door: 'reissue',
        outcome: 'deferred',
        cause: 'server_busy',
      });
    }
    expect(await pendingNow()).toBe(4);
    await insertInvoice(pool, { ...SALE, invoiceId: coded, door: 'reissue' });
    expect(await pendingNow()).toBe(3);
    await insertRefusal(pool, {
      terminalId: 'north-1',
      invoiceId: refused,
      door: 'reissue',
      cause: 'tax_arithmetic',
      refusedAt: at,
    });
    await insertEntry(pool, {
      terminalId: 'north-1',
      invoiceId: parked,
      at,
      door: 'reissue',
      outcome: 'refused',
      cause: 'invoice_too_large',
    });
    expect(await pendingNow()).toBe(1);
    const service = new InvoiceStatisticsService(pool, new PremisesDirectory(pool));
    expect(await service.pending(['north-1', 'south-1'], 'all')).toEqual(new Map([['north-1', 1]]));
    expect(await service.pending(['north-1'], ['south'])).toEqual(new Map());
    expect(await service.pendingOf('north-1', 10)).toEqual([
      {
        invoiceId: waiting,
        firstAttemptAt: at.toISOString(),
        lastAttemptAt: at.toISOString(),
        attempts: 2,
        lastCause: 'server_busy',
      },
    ]);
  });

  it('is cleared away with its code, and an entry that comes later does not bring it back', async () => {
    const invoiceId = randomUUID();
    const entry = { terminalId: 'north-1', invoiceId, at, door: 'issue', outcome: 'failed' } as const;
    await insertEntry(pool, entry);
    await insertInvoice(pool, { ...SALE, invoiceId, door: 'reissue' });
    await rollUpAll(1);
    await insertEntry(pool, entry);
    expect((await pool.query('SELECT FROM waiting_invoice')).rows).toEqual([]);
  });
});

describe('premises whose region is corrected', () => {
  it('take their figures along, what is rolled up and what is not', async () => {
    for (const terminalId of ['north-1', 'south-1']) {
      await insertInvoice(pool, {
        ...SALE,
        terminalId,
        door: 'reissue',
        waitedSeconds: terminalId === 'south-1' ? 900 : 60,
      });
    }
    await rollUpAll(2);
    await insertInvoice(pool, { ...SALE, terminalId: 'south-1' });
    const operator = testPool(database.operatorUrl);
    await operator.query(`UPDATE premises SET region = 'North' WHERE premises_id = 'south'`);
    await operator.end();
    expect(await invoicesOfTheDay({ regions: ['North'] })).toBe(3);
    expect(await invoicesOfTheDay({ regions: ['South'] })).toBe(0);
    const { rows } = await superuser.query(
      `SELECT unit, sum(times)::integer AS times, max(longest_ms)::integer AS longest FROM invoice_statistics
       WHERE level = 'region' AND grain = 'day' AND figure = 'waited' GROUP BY 1`,
    );
    expect(rows).toEqual([{ unit: 'North', times: 2, longest: 900_000 }]);
  });
});

describe('kept sums of premises whose region is corrected again and again', () => {
  const WARNED = { ...SALE, warnings: ['clock_off', 'original_unknown'] } as const;
  /** Every sum that is kept, and every count, so that two states can be compared. */
  const SUMS = {
    invoices: `SELECT level, unit, figure, grain, start, label, door, times, base, amount, longest_ms FROM invoice_statistics ORDER BY 1, 2, 3, 4, 5, 6, 7`,
    attempts: `SELECT to_jsonb(kept) AS count FROM attempt_count AS kept ORDER BY level, grain, scope_id, start, door, outcome, cause`,
  };
  const kept = async (): Promise<object> => ({
    invoices: (await superuser.query(SUMS.invoices)).rows,
    attempts: (await superuser.query(SUMS.attempts)).rows,
  });

  /** The same figures of every till at three times, with what waited in one bucket of durations and is told apart by its longest alone. */
  async function sell(): Promise<number> {
    const tills = ['north-1', 'north-2', 'south-1', 'south-2'];
    for (const [index, terminalId] of tills.entries()) {
      for (const issuedAt of ['2026-11-20T10:20:30Z', '2026-11-20T10:50:00Z', '2026-11-21T23:59:00Z'].map(
        (text) => new Date(text),
      )) {
        await insertInvoice(pool, { ...WARNED, terminalId, issuedAt });
        await insertInvoice(pool, { ...SALE, terminalId, issuedAt, door: 'reissue', waitedSeconds: 1_000 + index });
        await insertRefusal(pool, { terminalId, door: 'issue', cause: 'tax_arithmetic', refusedAt: issuedAt });
        await storeLogEntries(pool, [
          { terminalId, entry: { ...ENTRY, id: randomUUID(), at: issuedAt.toISOString() } },
        ]);
      }
    }
    return tills.length * 9;
  }

  it('equal what a rebuild makes of the rows, in every grain and figure', async () => {
    await registerTills(superuser, [
      { terminalId: 'north-2', premisesId: 'market', taxpayerId: 'baker', region: 'North' },
      { terminalId: 'south-2', premisesId: 'harbour', taxpayerId: 'baker', region: 'South' },
    ]);
    await rollUpAll(await sell());
    const operator = testPool(database.operatorUrl);
    const corrections = [
      `UPDATE premises SET region = 'North' WHERE premises_id = 'south'`,
      `UPDATE premises SET region = 'Islands' WHERE premises_id = 'south'`,
      // Two at once, of two regions, into one that exists and one that does not.
      `UPDATE premises SET region = CASE premises_id WHEN 'north' THEN 'Islands' ELSE 'Coast' END WHERE premises_id IN ('north', 'harbour')`,
      // There and back: nothing has changed.
      `UPDATE premises SET region = 'Coast' WHERE premises_id = 'market'`,
      `UPDATE premises SET region = 'North' WHERE premises_id = 'market'`,
      // What else may be corrected moves no figure.
      `UPDATE premises SET name = 'Shop on the quay', activity = 'Bakery', address = 'Quay 1'`,
      `UPDATE taxpayer SET name = 'Chain & sons'`,
    ];
    for (const correction of corrections) {
      await operator.query(correction);
      const moved = await kept();
      await operator.query('SELECT rebuild_attempt_counts()');
      await operator.query('SELECT forget_invoice_statistics()');
      await rollUpAll(36);
      expect({ correction, ...moved }).toEqual({ correction, ...(await kept()) });
    }
    await operator.end();
  });
});

describe('tax-control statistics rebuild', () => {
  async function rebuild(): Promise<{ status: number; json: unknown; said: string }> {
    let [out, said] = ['', ''];
    const before = process.env['DATABASE_URL'];
    process.env['DATABASE_URL'] = database.operatorUrl;
    const terminal = { out: (text: string) => void (out += text), error: (text: string) => void (said += text) };
    const status = await run(['statistics', 'rebuild', '--json'], terminal, systemClock);
    if (before === undefined) delete process.env['DATABASE_URL'];
    else process.env['DATABASE_URL'] = before;
    return { status, json: out === '' ? null : JSON.parse(out), said };
  }

  it('makes the figures of a restored dump right again, whose transactions are of another cluster', async () => {
    for (const _ of [1, 2, 3]) await insertInvoice(pool, SALE);
    await insertRefusal(pool, {
      terminalId: 'north-1',
      door: 'issue',
      cause: 'tax_arithmetic',
      refusedAt: SALE.issuedAt,
    });
    await rollUpAll(4);
    // As after pg_restore: rows and mark bear numbers that this cluster has not reached yet.
    await superuser.query(`UPDATE ledger SET recorded_in = (recorded_in::text::bigint + 1000000)::text::xid8`);
    await superuser.query(`UPDATE refused_invoice SET recorded_in = (recorded_in::text::bigint + 1000000)::text::xid8`);
    await superuser.query(
      `UPDATE invoice_statistics_mark SET recorded_in = (recorded_in::text::bigint + 1000000)::text::xid8`,
    );
    await insertInvoice(pool, SALE);
    expect(await rollUp(pool, ROWS_MAX)).toEqual({ result: 'foreign' });
    const invoices = expect.any(Number) as number;
    expect(await rebuild()).toEqual({ status: 0, json: { invoices, adopted: 4 }, said: '' });
    expect(await invoicesOfTheDay()).toBe(4);
    expect((await ofTheDay()).figures.refusedInvoices.value).toBe(1);
    expect(await rebuild()).toEqual({ status: 0, json: { invoices, adopted: 0 }, said: '' });
    await expect.poll(() => rollUp(pool, ROWS_MAX).then(takenOver)).toBe(4);
    expect(await invoicesOfTheDay()).toBe(4);
  });

  it('collects the waiting invoices anew', async () => {
    const entry = {
      terminalId: 'north-1',
      invoiceId: randomUUID(),
      at: SALE.issuedAt,
      door: 'issue',
      outcome: 'failed',
    } as const;
    await insertEntry(pool, entry);
    await superuser.query('DELETE FROM waiting_invoice');
    await rebuild();
    expect((await ofTheDay()).figures.pending.value).toBe(1);
  });
});
