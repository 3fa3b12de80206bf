import { randomUUID } from 'node:crypto';
import type { Filter, ReportQuery } from '@tax-control/protocol/console';
import * as fc from 'fast-check';
import type { Client, Pool } from 'pg';
import type { View } from '../../src/log-analytics/statistics/scope.js';
import { insertEntry, insertInvoice, insertRefusal, type InvoiceFacts, type TillPlace } from './ledger-rows.js';

/** Two regions share a taxpayer, one premises has two tills. */
export const TILLS: readonly TillPlace[] = [
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
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/St_Johns',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Pacific/Chatham',
  'Asia/Shanghai',
];

const instant = fc.integer({ min: FIRST_MS / 1_000, max: LAST_MS / 1_000 }).map((seconds) => new Date(seconds * 1_000));
const tax = fc.record({
  category: fc.constantFrom('standard', 'reduced'),
  rate: fc.constantFrom('20', '20.0', '5', '0'),
  base: fc.integer({ min: -5_000, max: 5_000 }),
  amount: fc.integer({ min: -1_000, max: 1_000 }),
});
/** Of few ids, so that entries, refusals and codes meet. */
const invoiceId = fc
  .integer({ min: 1, max: 12 })
  .map((id) => `00000000-0000-7000-8000-${String(id).padStart(12, '0')}`);
const invoice: fc.Arbitrary<InvoiceFacts> = fc.record({
  terminalId: fc.constantFrom(...TERMINALS),
  invoiceId: fc.option(invoiceId, { freq: 3 }),
  issuedAt: instant,
  door: fc.constantFrom('issue' as const, 'reissue' as const),
  waitedSeconds: fc.oneof(fc.integer({ min: -30, max: 90 }), fc.integer({ min: 0, max: 3_000_000 })),
  isDoubted: fc.boolean(),
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
  {
    weight: 6,
    arbitrary: invoice.map(
      (facts): Write =>
        (client) =>
          insertInvoice(client, facts),
    ),
  },
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
      .map(
        (facts): Write =>
          (client) =>
            insertRefusal(client, facts),
      ),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({
        terminalId: fc.constantFrom(...TERMINALS),
        invoiceId: fc.oneof(
          invoiceId,
          fc.constant(null).map(() => randomUUID()),
        ),
        at: instant,
        door,
        outcome: fc.constantFrom(
          'failed',
          'failed',
          'deferred',
          'not_authenticated',
          'not_tried',
          'refused',
          'issued',
          'already_issued',
        ),
        cause: fc.constantFrom('connect_timeout', 'circuit_open'),
      })
      .map(
        (facts): Write =>
          (client) =>
            insertEntry(client, facts),
      ),
  },
);

/** What happens between two looks at the figures. A writer's transaction may take in many steps, end well or not, and outlive roll-ups. */
export type Happening =
  | { readonly what: 'write'; readonly write: Write; readonly by: number }
  | { readonly what: 'end'; readonly by: number; readonly how: string }
  | { readonly what: 'rollUp'; readonly rows: number }
  | { readonly what: 'region'; readonly premisesId: string; readonly region: string };
export const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant('write' as const), write, by: fc.nat(2) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('end' as const),
      by: fc.nat(1),
      how: fc.constantFrom('COMMIT', 'COMMIT', 'ROLLBACK'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('rollUp' as const), rows: fc.integer({ min: 1, max: 40 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('region' as const),
      premisesId: fc.constantFrom(...PREMISES),
      region: fc.constantFrom('North', 'South', 'Islands'),
    }),
  },
);

const subset = (values: readonly string[]): fc.Arbitrary<string[] | undefined> =>
  fc.option(fc.subarray([...values], { minLength: 1 }), { nil: undefined, freq: 2 });
const filter: fc.Arbitrary<Filter> = fc
  .record({
    regions: fc.option(fc.constantFrom(['North'], ['South'], ['Islands'], ['Nowhere']), { nil: undefined, freq: 2 }),
    taxpayerIds: fc.option(fc.constantFrom(['chain'], ['baker', 'fisher']), { nil: undefined, freq: 2 }),
    premisesIds: subset(PREMISES),
    terminalIds: subset(TERMINALS),
    door: fc.option(door, { nil: undefined, freq: 2 }),
    causes: fc.option(fc.constant(['tax_arithmetic']), { nil: undefined, freq: 2 }),
  })
  .map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Filter);
export const view: fc.Arbitrary<View> = fc.oneof(fc.constant('all' as const), fc.subarray(PREMISES));
export const query: fc.Arbitrary<ReportQuery> = fc
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
    const period = {
      from: new Date(from).toISOString(),
      to: new Date(Math.max(to, from + 1_000)).toISOString(),
      zone,
      step,
    };
    return { period, filter: narrowed };
  });
