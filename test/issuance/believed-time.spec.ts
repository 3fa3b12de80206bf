import type { Door, Invoice } from '@tax-control/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuthenticInvoice } from '../../src/issuance/authentic-invoice.js';
import { type Office, openOffice, type Till, warningsOf } from './office.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

let office: Office;
beforeAll(async () => {
  office = await openOffice({ settings: { offlineHoursMax: 8_784 } });
});
afterAll(() => office.close());

/** A till whose certificate is a month old. */
const newTill = (): Promise<Till> => office.till({ notBefore: new Date(Date.now() - 30 * DAY_MS) });

/** A sale of so long ago, and of the business day of its time. */
const ago = (ms: number): Partial<Invoice> => ({ issuedAt: new Date(Date.now() - ms).toISOString() });
const UNMEASURED = { clockOffsetMs: null, clockOffsetAgeSeconds: null };

interface Counted {
  /** Whether reports have the invoice, its tax and its warnings at its time of sale, and not at its registration. */
  readonly atSale: boolean;
  readonly warnings: readonly string[];
}

/** Issues a list, and tells how each counts: in the view that all figures come from. */
async function counted(...list: AuthenticInvoice[]): Promise<Counted[]> {
  const outcomes = await office.issuance.issue(list);
  return Promise.all(
    list.map(async ({ invoice, soldAt }, index) => {
      const { rows } = await office.pool.query<{ at: Date; registered_at: Date; times: string }>(
        `SELECT at, registered_at, count(*) AS times FROM invoice_figure JOIN ledger ON ledger.sequence = invoice_figure.number
         WHERE ledger.terminal_id = $1 AND invoice_id = $2 GROUP BY 1, 2`,
        [invoice.terminalId, invoice.id],
      );
      expect(rows).toHaveLength(1);
      const { at, registered_at: registeredAt } = rows[0]!;
      const second = (ms: number): number => Math.floor(ms / 1000);
      const atSale = second(at.getTime()) === second(soldAt);
      expect(atSale || second(at.getTime()) === second(registeredAt.getTime())).toBe(true);
      return { atSale, warnings: warningsOf(outcomes[index]!.result) };
    }),
  );
}

describe('the time at which an invoice counts', () => {
  it.each<[string, Door, () => Partial<Invoice>, boolean, string[]]>([
    ['of hours that it waited', 'reissue', () => ago(20 * HOUR_MS), true, []],
    ['of days that it waited', 'reissue', () => ago(20 * DAY_MS), true, []],
    ['of a bill, online', 'issue', () => ago(29 * MINUTE_MS), true, []],
    ['of hours ago, online', 'issue', () => ago(3 * HOUR_MS), false, ['clock_off']],
    [
      'of hours ago, entered later',
      'issue',
      () => ({ ...ago(3 * HOUR_MS), enteredLater: { at: new Date().toISOString(), reason: 'no power' } }),
      true,
      ['entered_later'],
    ],
    ['in 2000', 'reissue', () => ({ issuedAt: '2000-01-01T00:00:00Z' }), false, ['signed_outside_validity']],
    [
      'in 2036',
      'reissue',
      () => ({ issuedAt: '2036-01-01T00:00:00Z' }),
      false,
      ['clock_off', 'signed_outside_validity'],
    ],
    ['before its certificate', 'reissue', () => ago(31 * DAY_MS), false, ['signed_outside_validity']],
    [
      'that the till knew to be behind',
      'reissue',
      () => ({ ...ago(2 * DAY_MS), ...UNMEASURED, clockBehind: new Date(Date.now() - DAY_MS).toISOString() }),
      false,
      ['clock_behind'],
    ],
  ])('a time %s, by the door %s', async (_time, door, make, atSale, warnings) => {
    const till = await newTill();
    expect(await counted(await till.sale(make(), door))).toEqual([{ atSale, warnings }]);
  });

  it('is not before the previous invoice of the journal, in a list and on file, by more than a bill and the offset', async () => {
    const till = await newTill();
    const late = (ms: number, more: Partial<Invoice> = {}) => till.sale({ ...ago(ms), ...more }, 'reissue');
    const times = [2, 2.4, 26, 26, 1];
    const first = await Promise.all(times.map((hours) => late(hours * HOUR_MS)));
    expect(await counted(...first)).toEqual([
      { atSale: true, warnings: [] },
      { atSale: true, warnings: [] },
      { atSale: false, warnings: ['clock_off'] },
      // What comes behind a time that is not believed is measured by the last one that is.
      { atSale: false, warnings: ['clock_off'] },
      { atSale: true, warnings: [] },
    ]);
    expect(await counted(await late(25 * HOUR_MS))).toEqual([{ atSale: false, warnings: ['clock_off'] }]);
    // A counter that is left out does not hide what came before it.
    till.counter += 1;
    expect(await counted(await late(26 * HOUR_MS))).toEqual([{ atSale: false, warnings: ['clock_off'] }]);
    expect(await counted(await late(40 * MINUTE_MS))).toEqual([{ atSale: true, warnings: [] }]);
    // Measured to be a day behind: the clock is told to be wrong, but its order is right.
    expect(await counted(await late(24 * HOUR_MS, { clockOffsetMs: -DAY_MS }))).toEqual([
      { atSale: true, warnings: ['clock_off'] },
    ]);
  });

  it('is the time of sale again for what a right clock sells behind one in the future', async () => {
    const till = await newTill();
    const future = await till.sale({ issuedAt: '2036-01-01T00:00:00Z' }, 'reissue');
    const right = await till.sale(ago(HOUR_MS), 'reissue');
    expect((await counted(future, right)).map(({ atSale }) => atSale)).toEqual([false, true]);
  });
});
