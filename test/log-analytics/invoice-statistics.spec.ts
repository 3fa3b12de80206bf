import { randomUUID } from 'node:crypto';
import type { Filter, InvoiceStatistics, ReportQuery } from '@tax-control/protocol/console';
import fc from 'fast-check';
import { Client, Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvoiceStatisticsService } from '../../src/log-analytics/invoices/invoice-statistics.js';
import { rollUp } from '../../src/log-analytics/invoices/roll-up.js';
import { checkedPeriod, comparisonsOf } from '../../src/log-analytics/statistics/period.js';
import type { View } from '../../src/log-analytics/statistics/scope.js';
import { sqlFailure } from '../../src/database/sql-failure.js';
import { PremisesDirectory } from '../../src/registry/premises-directory.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { testPool } from '../support/pool.js';
import { InvoiceRecount, type Recount } from './invoice-recount.js';
import { insertEntry, insertInvoice, insertRefusal, type InvoiceFacts, registerTills, type TillPlace } from './ledger-rows.js';

/** Two regions share a taxpayer, one premises has two tills. */
const TILLS: readonly TillPlace[] = [
  { terminalId: 'north-1', premisesId: 'north', taxpayerId: 'chain', region: 'North' },
  { terminalId: 'north-2', premisesId: 'north', taxpayerId: 'chain', region: 'North' },
  { terminalId: 'market-1', premisesId: 'market', taxpayerId: 'baker', region: 'North' },
  { terminalId: 'south-1', premisesId: 'south', taxpayerId: 'chain', region: 'South' },
  { terminalId: 'harbour-1', premisesId: 'harbour', taxpayerId: 'fisher', region: 'South' },
];
const TERMINALS = TILLS.map(({ terminalId }) => terminalId);
const PREMISES = [...new Set(TILLS.map(({ premisesId }) => premisesId))];
/** Both changes of Europe's and America's clocks lie within a year; a few weeks around one of them are enough for days and hours. */
const FIRST_MS = Date.parse('2026-09-20T00:00:00Z');
const LAST_MS = Date.parse('2026-11-20T00:00:00Z');
const ZONES = ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kolkata', 'Asia/Kathmandu', 'Pacific/Chatham', 'Asia/Shanghai'];

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
  pool = new Pool({ connectionString: url.href, pipeline: true });
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

const instant = fc.integer({ min: FIRST_MS / 1_000, max: LAST_MS / 1_000 }).map((seconds) => new Date(seconds * 1_000));
const tax = fc.record({
  category: fc.constantFrom('standard', 'reduced'),
  rate: fc.constantFrom('20', '20.0', '5', '0'),
  base: fc.integer({ min: -5_000, max: 5_000 }),
  amount: fc.integer({ min: -1_000, max: 1_000 }),
});
/** Of few ids, so that entries, refusals and codes meet. */
const invoiceId = fc.integer({ min: 1, max: 12 }).map((id) => `00000000-0000-7000-8000-${String(id).padStart(12, '0')}`);
const invoice: fc.Arbitrary<InvoiceFacts> = fc.record({
  terminalId: fc.constantFrom(...TERMINALS),
  invoiceId: fc.option(invoiceId, { freq: 3 }),
  issuedAt: instant,
  door: fc.constantFrom('issue' as const, 'reissue' as const),
  waitedSeconds: fc.oneof(fc.integer({ min: -30, max: 90 }), fc.integer({ min: 0, max: 3_000_000 })),
  type: fc.constantFrom('normal' as const, 'normal' as const, 'advance' as const, 'training' as const, 'copy' as const),
  kind: fc.constantFrom('sale' as const, 'sale' as const, 'refund' as const, 'void' as const),
  currency: fc.constantFrom('GBP', 'EUR'),
  total: fc.integer({ min: -10_000, max: 10_000 }),
  taxes: fc.array(tax, { maxLength: 3 }),
  warnings: fc.subarray(['clock_off', 'original_unknown', 'counter_fork'] as const),
});
const door = fc.constantFrom('issue' as const, 'reissue' as const);

type Write = (client: Client | Pool) => Promise<void>;
const write: fc.Arbitrary<Write> = fc.oneof(
  { weight: 6, arbitrary: invoice.map((facts): Write => (client) => insertInvoice(client as Client, facts)) },
  {
    weight: 1,
    arbitrary: fc
      .record({
        terminalId: fc.constantFrom(...TERMINALS),
        invoiceId: fc.option(invoiceId),
        door,
        cause: fc.constantFrom('schema_violation', 'tax_arithmetic'),
        refusedAt: instant,
      })
      .map((facts): Write => (client) => insertRefusal(client as Client, facts)),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({
        terminalId: fc.constantFrom(...TERMINALS),
        invoiceId: fc.oneof(invoiceId, fc.constant(null).map(() => randomUUID())),
        at: instant,
        door,
        outcome: fc.constantFrom('failed', 'failed', 'deferred', 'not_authenticated', 'refused', 'issued', 'already_issued'),
        cause: fc.constantFrom('connect_timeout', 'circuit_open'),
      })
      .map((facts): Write => (client) => insertEntry(client as Client, facts)),
  },
);

/** What happens between two looks at the figures. A writer's transaction may take in many steps, end well or not, and outlive roll-ups. */
type Happening = { readonly what: 'write'; readonly write: Write; readonly by: number } | { readonly what: 'end'; readonly by: number; readonly how: string } | { readonly what: 'rollUp'; readonly rows: number };
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant('write' as const), write, by: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('end' as const), by: fc.nat(1), how: fc.constantFrom('COMMIT', 'COMMIT', 'ROLLBACK') }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('rollUp' as const), rows: fc.integer({ min: 1, max: 40 }) }) },
);

const open = new Set<number>();
async function happen(event: Happening): Promise<void> {
  // What loses against an open transaction, or is there already, is not done: that is no matter here.
  if (event.what === 'rollUp') await rollUp(pool, event.rows).catch(giveUp);
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

const subset = (values: readonly string[]): fc.Arbitrary<string[] | undefined> =>
  fc.option(fc.subarray([...values], { minLength: 1 }), { nil: undefined, freq: 2 });
const filter: fc.Arbitrary<Filter> = fc
  .record({
    regions: fc.option(fc.constantFrom(['North'], ['South'], ['Nowhere']), { nil: undefined, freq: 2 }),
    taxpayerIds: fc.option(fc.constantFrom(['chain'], ['baker', 'fisher']), { nil: undefined, freq: 2 }),
    premisesIds: subset(PREMISES),
    terminalIds: subset(TERMINALS),
    door: fc.option(door, { nil: undefined, freq: 2 }),
    causes: fc.option(fc.constant(['tax_arithmetic']), { nil: undefined, freq: 2 }),
  })
  .map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Filter);
const view: fc.Arbitrary<View> = fc.oneof(fc.constant('all' as const), fc.subarray(PREMISES));
const query: fc.Arbitrary<ReportQuery> = fc
  .record({
    ends: fc.tuple(instant, instant).filter(([one, other]) => one.getTime() !== other.getTime()),
    whole: fc.boolean(),
    zone: fc.constantFrom(...ZONES),
    step: fc.constantFrom('hour' as const, 'day' as const, 'week' as const, 'month' as const),
    filter,
  })
  .map(({ ends, whole, zone, step, filter: narrowed }) => {
    const align = (at: Date): number => (whole ? Math.floor(at.getTime() / 86_400_000) * 86_400_000 : at.getTime());
    const [from = 0, to = 0] = ends.map(align).sort((one, other) => one - other);
    const period = { from: new Date(from).toISOString(), to: new Date(Math.max(to, from + 1_000)).toISOString(), zone, step };
    return { period, filter: narrowed };
  });

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
    rows.map(({ category, rate, base, amount }) => [`${currency}/${category}/${rate}`, `${base[of]}/${amount[of]}`] as const),
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
    money: Object.fromEntries(money.filter(([, times]) => times > 0).map(([name, times, amount]) => [name, `${times}: ${amount}`])),
    taxes: Object.fromEntries(taxes),
    warnings: Object.fromEntries(statistics.warnings.map(({ warning, count }) => [warning, count[of]]).filter(([, count]) => count !== 0)),
  };
}

/** A tax row of nothing stands beside others where another span has one. */
function withoutNothing(taxes: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(taxes).filter(([, sums]) => sums !== '0/0'));
}

async function expectRecounted(asked: ReportQuery, seen: View): Promise<void> {
  const statistics = await service.statistics(asked, seen);
  const period = checkedPeriod(asked.period);
  const spans = comparisonsOf(period);
  for (const of of ['value', 'before', 'sameWeekday'] as const) {
    const { waits, ...recounted } = await new InvoiceRecount(superuser, spans[of], seen, asked.filter).all();
    const picked = pick(statistics, of);
    expect({ ...picked, taxes: withoutNothing(picked.taxes) }).toEqual({ ...recounted, taxes: withoutNothing(recounted.taxes) });
    if (of !== 'value') continue;
    const { count, medianMs, p95Ms, maxMs, errorShare } = statistics.saleToCode;
    expect({ count, maxMs }).toEqual({ count: waits.count, maxMs: waits.max === null ? null : Math.max(0, waits.max) });
    expectNear(medianMs, waits.median, errorShare);
    expectNear(p95Ms, waits.p95, errorShare);
  }
  const series = await new InvoiceRecount(superuser, period, seen, asked.filter).series(period.step, period.zone);
  const points = statistics.series.filter(({ online, reissued }) => online + reissued > 0);
  expect(points.map(({ start, online, reissued }) => [start, online + reissued])).toEqual(
    [...series].map(([start, { invoices }]) => [start, invoices]).sort(([one], [other]) => (String(one) < String(other) ? -1 : 1)),
  );
  const turnover = [...series].flatMap(([start, point]) =>
    Object.entries(point.turnover).map(([currency, amount]) => `${start} ${currency} ${amount}`),
  );
  expect(statistics.turnoverSeries.map((point) => `${point.start} ${point.currency} ${point.turnover}`)).toEqual(turnover.sort());
}

function expectNear(told: number | null, exact: number | null, errorShare: number): void {
  if (exact === null) expect(told).toBeNull();
  // A millisecond, because what is told is whole.
  else expect(Math.abs((told ?? Number.NaN) - Math.max(0, exact))).toBeLessThanOrEqual(Math.max(0, exact) * errorShare + 1);
}

describe('statistics of invoices', () => {
  it('equal a recount of the rows for any period, zone and filter, whatever was rolled up and whatever is under way (I8)', async () => {
    const looks = fc.array(fc.tuple(query, view), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 30 }), looks, async (events, asked) => {
        for (const event of events) await happen(event);
        for (const [one, seen] of asked) await expectRecounted(one, seen);
      }),
      { numRuns: 60, endOnFailure: true },
    );
    for (const writer of writers) await writer.query('COMMIT');
    while ((await rollUp(pool, 100)).result === 'done') {
      const { rows } = await pool.query(`SELECT FROM ledger WHERE (recorded_in, sequence) > (SELECT recorded_in, number FROM invoice_statistics_mark WHERE source = 'ledger')`);
      if (rows.length === 0) break;
    }
    const everything = { from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z', zone: 'UTC', step: 'month' } as const;
    await expectRecounted({ period: everything, filter: {} }, 'all');
  });
});
