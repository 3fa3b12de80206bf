import type { InvoiceStatistics, ReportQuery } from '@tax-control/protocol/console';
import * as fc from 'fast-check';
import { Client, type Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sqlFailure } from '../../src/database/sql-failure.js';
import { InvoiceStatisticsService } from '../../src/log-analytics/invoices/invoice-statistics.js';
import { rollUp } from '../../src/log-analytics/invoices/roll-up.js';
import { checkedPeriod, comparisonsOf } from '../../src/log-analytics/statistics/period.js';
import type { View } from '../../src/log-analytics/statistics/scope.js';
import { PremisesDirectory } from '../../src/registry/premises-directory.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { testPool } from '../support/pool.js';
import { type Happening, happening, query, TILLS, view } from './invoice-arbitraries.js';
import { InvoiceRecount, type Recount } from './invoice-recount.js';
import { insertInvoice, type InvoiceFacts, registerTills } from './ledger-rows.js';

let database: TestDatabase;
let pool: Pool;
let superuser: Pool;
let service: InvoiceStatisticsService;
/** Writers whose transactions last as long as a run wants. */
let writers: Client[];

beforeAll(async () => {
  database = await createTestDatabase();
  // What waits for a writer's transaction gives up: that one would end only after it.
  const url = new URL(database.serverUrl);
  url.searchParams.set('options', '-c lock_timeout=100');
  pool = testPool({ connectionString: url.href, pipeline: true });
  pool.on('error', () => undefined);
  superuser = testPool(database.superuserUrl);
  await registerTills(superuser, TILLS);
  service = new InvoiceStatisticsService(pool, new PremisesDirectory(pool));
  writers = [1, 2].map(() => new Client({ connectionString: url.href }));
  for (const writer of writers) await writer.connect();
});

afterAll(async () => {
  for (const writer of writers) await writer.end();
  await Promise.all([pool.end(), superuser.end()]);
  await database.drop();
});

const open = new Set<number>();
async function happen(event: Happening): Promise<void> {
  // What loses against an open transaction, or is there already, is not done: that is no matter here.
  if (event.what === 'rollUp') await rollUp(pool, event.rows).catch(giveUp);
  else if (event.what === 'region')
    await pool
      .query('UPDATE premises SET region = $2 WHERE premises_id = $1', [event.premisesId, event.region])
      .catch(giveUp);
  else if (event.what === 'end') {
    await writers[event.by]!.query(event.how);
    open.delete(event.by);
  } else if (event.by === writers.length) await event.write(pool).catch(giveUp);
  else {
    const writer = writers[event.by]!;
    if (!open.has(event.by)) await writer.query('BEGIN');
    open.add(event.by);
    await writer.query('SAVEPOINT before');
    await event.write(writer).catch((error: unknown) => {
      giveUp(error);
      return writer.query('ROLLBACK TO before');
    });
  }
}

const LOCK_NOT_AVAILABLE = '55P03';
const UNIQUE_VIOLATION = '23505';
function giveUp(error: unknown): void {
  const { sqlState } = sqlFailure(error);
  if (sqlState !== LOCK_NOT_AVAILABLE && sqlState !== UNIQUE_VIOLATION) throw error;
}

/** The figures of one of the three spans, in the shape of a recount. */
function pick(statistics: InvoiceStatistics, of: 'value' | 'before' | 'sameWeekday'): Omit<Recount, 'waits'> {
  const { figures } = statistics;
  const kinds = ['sale', 'refund', 'void'] as const;
  const money = statistics.money.flatMap((currency) =>
    kinds.map((kind) => {
      const times = { sale: currency.salesCount, refund: currency.refundsCount, void: currency.voidsCount }[kind][of];
      const amount = { sale: currency.sales, refund: currency.refunds, void: currency.voids }[kind][of];
      return [`${currency.currency}/${kind}`, times, amount] as const;
    }),
  );
  const taxes = statistics.money.flatMap(({ currency, taxes: rows }) =>
    rows.map(
      ({ category, rate, base, amount }) => [`${currency}/${category}/${rate}`, `${base[of]}/${amount[of]}`] as const,
    ),
  );
  return {
    figures: {
      invoices: figures.invoices[of],
      online: figures.online[of],
      reissued: figures.reissued[of],
      notFiscal: figures.notFiscal[of],
      withWarnings: figures.withWarnings[of],
      refused: figures.refusedInvoices[of],
      pending: figures.pending[of],
    },
    money: Object.fromEntries(
      money.filter(([, times]) => times > 0).map(([name, times, amount]) => [name, `${times}: ${amount}`]),
    ),
    taxes: Object.fromEntries(taxes),
    warnings: Object.fromEntries(
      statistics.warnings.map(({ warning, count }) => [warning, count[of]]).filter(([, count]) => count !== 0),
    ),
  };
}

/** A tax row of nothing stands beside others where another span has one. */
function withoutNothing(taxes: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(taxes).filter(([, sums]) => sums !== '0/0'));
}

async function expectRecounted(asked: ReportQuery, seen: View): Promise<void> {
  // A directory that knows nothing yet: it would remember regions for some seconds.
  const statistics = await new InvoiceStatisticsService(pool, new PremisesDirectory(pool)).statistics(asked, seen);
  const period = checkedPeriod(asked.period);
  const spans = comparisonsOf(period);
  for (const of of ['value', 'before', 'sameWeekday'] as const) {
    const { waits, ...recounted } = await new InvoiceRecount(superuser, spans[of], seen, asked.filter).all();
    const picked = pick(statistics, of);
    expect({ ...picked, taxes: withoutNothing(picked.taxes) }).toEqual({
      ...recounted,
      taxes: withoutNothing(recounted.taxes),
    });
    if (of !== 'value') continue;
    const { count, medianMs, p95Ms, maxMs, errorShare } = statistics.saleToCode;
    expect({ count, maxMs }).toEqual({ count: waits.count, maxMs: waits.max === null ? null : Math.max(0, waits.max) });
    expectNear(medianMs, waits.median, errorShare);
    expectNear(p95Ms, waits.p95, errorShare);
  }
  const series = await new InvoiceRecount(superuser, period, seen, asked.filter).series(period.step, period.zone);
  const points = statistics.series.filter(({ online, reissued }) => online + reissued > 0);
  expect(points.map(({ start, online, reissued }) => [start, online + reissued])).toEqual(
    [...series]
      .map(([start, { invoices }]) => [start, invoices])
      .sort(([one], [other]) => (String(one) < String(other) ? -1 : 1)),
  );
  const turnover = [...series].flatMap(([start, point]) =>
    Object.entries(point.turnover).map(([currency, amount]) => `${start} ${currency} ${amount}`),
  );
  expect(statistics.turnoverSeries.map((point) => `${point.start} ${point.currency} ${point.turnover}`)).toEqual(
    turnover.sort(),
  );
}

function expectNear(told: number | null, exact: number | null, errorShare: number): void {
  if (exact === null) expect(told).toBeNull();
  // A millisecond, because what is told is whole.
  else
    expect(Math.abs((told ?? Number.NaN) - Math.max(0, exact))).toBeLessThanOrEqual(
      Math.max(0, exact) * errorShare + 1,
    );
}

describe('statistics of invoices', () => {
  it(
    'equal a recount of the rows for any period, zone and filter, whatever was rolled up, is under way or was corrected (I8)',
    { timeout: 120_000 },
    async () => {
      const looks = fc.array(fc.tuple(query, view), { minLength: 1, maxLength: 3 });
      await fc.assert(
        fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 30 }), looks, async (events, asked) => {
          for (const event of events) await happen(event);
          for (const [one, seen] of asked) await expectRecounted(one, seen);
        }),
        { numRuns: 30, endOnFailure: true },
      );
      for (const writer of writers) await writer.query('COMMIT');
      // Transactions of other specs in the cluster may hold the roll-up back for a moment.
      await expect.poll(behind).toBe(0);
      await expectRecounted({ period: YEAR, filter: {} }, 'all');
    },
  );

  it('equal a recount in a zone whose days begin within a quarter-hour', async () => {
    const period = {
      from: '1971-03-01T12:00:00Z',
      to: '1971-03-09T00:00:01Z',
      zone: 'Africa/Monrovia',
      step: 'day',
    } as const;
    const sell = (at: string): Promise<void> => insertInvoice(pool, { ...SALE, issuedAt: new Date(at) });
    for (const at of ['1971-03-05T00:44:29Z', '1971-03-05T00:44:30Z']) await sell(at);
    await expect.poll(behind).toBe(0);
    for (const at of ['1971-03-05T00:50:00Z', '1971-03-09T00:00:00Z']) await sell(at);
    await expectRecounted({ period, filter: {} }, 'all');
    await expect.poll(behind).toBe(0);
    await expectRecounted({ period, filter: {} }, 'all');
    const { series } = await service.statistics({ period, filter: {} }, 'all');
    expect(series.map(({ online }) => online)).toEqual([0, 0, 0, 1, 2, 0, 0, 1]);
  });
});

const SALE: InvoiceFacts = {
  terminalId: 'north-1',
  issuedAt: new Date(0),
  door: 'issue',
  waitedSeconds: 1,
  type: 'normal',
  kind: 'sale',
  currency: 'GBP',
  total: 120,
  taxes: [],
  warnings: [],
};
const YEAR = { from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z', zone: 'UTC', step: 'month' } as const;

/** Invoices that the sums do not hold after one more roll-up. */
async function behind(): Promise<number> {
  await rollUp(pool, 1_000);
  const { rows } = await pool.query(
    `SELECT FROM ledger
     WHERE (recorded_in, sequence) > (SELECT recorded_in, number FROM invoice_statistics_mark WHERE source = 'ledger')`,
  );
  return rows.length;
}
