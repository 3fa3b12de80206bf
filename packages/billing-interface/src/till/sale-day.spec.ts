import { type Invoice, type Parameters, systemClock } from '@tax-control/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BillingInterface, InvoiceDraft, SaleFacts, SaleIssued, SaleStoredOffline } from '../api.js';
import { TERMINAL } from '../testing/stand-in-server.js';
import { TillBench } from '../testing/till-bench.js';
import { draft, takeParameters } from '../testing/till-folder.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Of the clock that a spec sets: far from any change of a rate or of a zone. */
const NOON = Date.UTC(2026, 9, 14, 12);

let bench: TillBench;
let time: number;
const clock = { ...systemClock, now: () => time };
beforeEach(async () => {
  time = NOON;
  bench = await TillBench.set();
});
afterEach(() => bench.end());

/** A till in the time that the spec sets, whose parameters were published an hour ago. */
async function tillWith(parameters: Partial<Parameters>, timeZone?: string): Promise<BillingInterface> {
  bench.server.office.publish({ publishedAt: new Date(NOON - HOUR_MS).toISOString(), ...parameters });
  takeParameters(bench.files, bench.authority, bench.server);
  return bench.openTill({ clock, ...(timeZone !== undefined && { timeZone }) });
}

let sales = 0;
async function sell(
  till: BillingInterface,
  overrides: Partial<InvoiceDraft> = {},
): Promise<SaleFacts & { invoice: Invoice }> {
  sales += 1;
  return (await till.issue(`sale ${sales}`, draft(`R-${sales}`, overrides))) as SaleIssued | SaleStoredOffline;
}

const rateOf = ({ invoice }: SaleFacts) => invoice.taxes[0]?.rate;

/** Twenty per cent from October 2026 on; before that, seventeen, or nothing at all. */
const NEW_RATE = { category: 'standard', rate: '20', from: '2026-10-14', until: null };
const OLD_RATE = { category: 'standard', rate: '17', from: '1970-01-01', until: '2026-10-13' };

describe('a clock that is behind what has passed', () => {
  it.each([
    ['1970', Date.UTC(1970, 0, 1, 0, 1)],
    ['2000', Date.UTC(2000, 0, 1)],
    ['the last day before the rate', NOON - DAY_MS],
  ])('in %s sells by the rates of now, with or without old rates on file, and says so', async (_when, wrong) => {
    for (const taxRates of [[NEW_RATE], [OLD_RATE, NEW_RATE]]) {
      time = wrong;
      const till = await tillWith({ taxRates });
      const sale = await sell(till);
      expect([sale, rateOf(sale)]).toMatchObject([{ result: 'issued' }, '20']);
      const passed = new Date(NOON - HOUR_MS).toISOString();
      expect(sale.invoice).toMatchObject({ clockBehind: passed, clockOffsetMs: null });
      expect(Date.parse(sale.invoice.issuedAt)).toBe(wrong);
      expect(sale.notices).toEqual([
        expect.stringMatching(/clock is wrong.*2026-10-14T11:00:00.000Z has passed/) as string,
      ]);
      expect(till.status().clockBehind).toBe(passed);
      // The look-up says the same as the answer.
      expect(till.lookUp(sale.saleId)).toMatchObject({ notices: sale.notices });
      await till.close();
    }
  });

  it('is known by the invoices of its journal, over restarts, until a server says the time', async () => {
    const publishedAt = new Date(NOON - 300 * DAY_MS).toISOString();
    const till = await tillWith({ publishedAt, taxRates: [OLD_RATE, NEW_RATE] });
    expect((await sell(till)).invoice).not.toHaveProperty('clockBehind');
    time -= 2 * DAY_MS;
    for (const round of [1, 2]) {
      const sale = await sell(till);
      expect([round, sale.invoice.clockBehind, rateOf(sale)]).toEqual([round, new Date(NOON).toISOString(), '20']);
    }
    await till.close();
    const reopened = await bench.openTill({ clock });
    expect(reopened.status().clockBehind).toBe(new Date(NOON).toISOString());
    // A minute is what clocks are corrected by.
    time = NOON - 60_000;
    expect((await sell(reopened)).invoice).not.toHaveProperty('clockBehind');
  });

  it('is told no longer once its offset was measured, also where an invoice was signed in the future', async () => {
    time = Date.UTC(2036, 0, 1);
    const till = await bench.openTill({ clock });
    await sell(till);
    await till.close();
    time = Date.now();
    const reopened = await bench.openTill({ clock, pace: { drainMs: 5 } });
    expect(reopened.status().clockBehind).toBe('2036-01-01T00:00:00.000Z');
    while (reopened.status().clockOffsetMs === null) await new Promise((resolve) => setImmediate(resolve));
    expect(reopened.status().clockBehind).toBeNull();
    await reopened.close();
    expect((await bench.openTill({ clock })).status().clockBehind).toBeNull();
  });
});

describe('a business day', () => {
  const rates = { taxRates: [OLD_RATE, NEW_RATE] };

  it('of another time does not choose the rate, and is told', async () => {
    const till = await tillWith(rates);
    for (const businessDay of ['2026-06-01', '2999-12-31', '2026-10-12', '2026-10-16']) {
      const sale = await sell(till, { businessDay });
      expect([businessDay, rateOf(sale)]).toEqual([businessDay, '20']);
      expect(sale.invoice.businessDay).toBe(businessDay);
      expect(sale.notices).toEqual([
        expect.stringContaining(`business day ${businessDay} is more than a day`) as string,
      ]);
    }
  });

  it('of a bar that closes at 03:00 is the day before, with its rate, in silence', async () => {
    time = Date.UTC(2026, 9, 14, 3);
    const till = await tillWith({ ...rates, publishedAt: new Date(NOON - DAY_MS).toISOString() }, 'UTC');
    const sale = await sell(till, { businessDay: '2026-10-13' });
    expect(rateOf(sale)).toBe('17');
    expect(sale).not.toHaveProperty('notices');
  });

  it('belongs to the time of sale, also where it is entered days later', async () => {
    const till = await tillWith(rates);
    const sale = await sell(till, { issuedAt: '2026-06-01T12:00:00Z', enteredLater: { reason: 'no power' } });
    expect([rateOf(sale), sale.invoice.businessDay]).toEqual(['17', '2026-06-01']);
    expect(sale.invoice.enteredLater).toMatchObject({ reason: 'no power' });
    expect(Date.parse(sale.invoice.enteredLater?.at ?? '')).toBe(NOON);
    expect(sale).not.toHaveProperty('notices');
  });
});

describe('a sale that is entered later', () => {
  it('says so by itself when it is long past, and not where it is a bill', async () => {
    const till = await tillWith({});
    const at = (minutes: number) => new Date(NOON - minutes * 60_000).toISOString();
    expect((await sell(till, { issuedAt: at(2) })).invoice).not.toHaveProperty('enteredLater');
    expect((await sell(till, { issuedAt: at(30) })).invoice).not.toHaveProperty('enteredLater');
    expect((await sell(till, { issuedAt: at(180) })).invoice.enteredLater).not.toHaveProperty('reason');
  });

  it('must say when it took place', async () => {
    const till = await tillWith({});
    expect(await till.issue('when', draft('R', { enteredLater: { reason: 'no power' } }))).toMatchObject({
      result: 'invalid',
      detail: expect.stringContaining('issuedAt') as string,
    });
  });
});

describe('times that are none', () => {
  it.each<Partial<InvoiceDraft>>([
    { issuedAt: '2026-13-45T12:00:00Z' },
    { issuedAt: '2026-10-14T99:99:99Z' },
    { issuedAt: '2026-10-14T12:00:00+99:99' },
    { issuedAt: '2026-02-30T12:00:00Z' },
    { issuedAt: '9999-12-31T23:59:59Z' },
    { issuedAt: '0000-01-01T00:00:00Z' },
    { businessDay: '2026-99-99' },
    { businessDay: '2026-02-30' },
  ])('are invalid, whatever else is there (%j)', async (times) => {
    const till = await tillWith({ timeZones: { default: 'Asia/Riyadh' } });
    for (const more of [{}, { enteredLater: { reason: 'no power' } }])
      expect(await till.issue('when', draft('R', { ...times, ...more }))).toMatchObject({ result: 'invalid' });
  });
});

describe('the shop’s midnight', () => {
  /** 22:30 in UTC is 01:30 of the next day in Riyadh. */
  const EVENING = Date.UTC(2026, 9, 13, 22, 30);
  const rates = { taxRates: [OLD_RATE, NEW_RATE], publishedAt: new Date(EVENING - HOUR_MS).toISOString() };
  const riyadh = { issuedAt: '2026-10-14T01:30:00.000+03:00', businessDay: '2026-10-14' };

  it.each([
    ['of all premises', { default: 'Asia/Riyadh' }],
    [
      'of these premises',
      { default: 'Europe/London', others: [{ timeZone: 'Asia/Riyadh', premises: ['elsewhere', TERMINAL.premisesId] }] },
    ],
  ])('is that of the zone %s in the parameters', async (_of, timeZones) => {
    time = EVENING;
    const till = await tillWith({ ...rates, timeZones });
    const sale = await sell(till);
    expect([sale.invoice, rateOf(sale)]).toMatchObject([riyadh, '20']);
    expect(till.status().timeZone).toEqual({ name: 'Asia/Riyadh', from: 'parameters' });
    expect(till.log(1)[0]?.at).toBe(riyadh.issuedAt);
  });

  it('is that of the till’s own configuration, if it has one', async () => {
    time = EVENING;
    const till = await tillWith({ ...rates, timeZones: { default: 'Europe/London' } }, 'Asia/Riyadh');
    expect((await sell(till)).invoice).toMatchObject(riyadh);
    expect(till.status().timeZone).toEqual({ name: 'Asia/Riyadh', from: 'configuration' });
  });

  it('is that of the shop also for a time of sale that is given in another zone', async () => {
    time = EVENING;
    const till = await tillWith({ ...rates, timeZones: { default: 'Asia/Riyadh' } });
    const sale = await sell(till, { issuedAt: '2026-10-13T22:30:00Z' });
    expect([sale.invoice.businessDay, rateOf(sale)]).toEqual(['2026-10-14', '20']);
    expect(sale).not.toHaveProperty('notices');
  });

  it('is that of the computer where nobody names a zone, which the status says', async () => {
    const till = await tillWith({});
    expect(till.status().timeZone.from).toBe('computer');
  });

  it.each(['Mars/Olympus', '', '+03:00', 'Asia/Riyadh '])('refuses the zone %j, with what to do', async (zone) => {
    await expect(bench.openTill({ timeZone: zone })).rejects.toMatchObject({
      code: 'time_zone_unknown',
      message: expect.stringContaining('Give an IANA name') as string,
    });
    const till = await bench.openTill();
    bench.server.office.publish({ timeZones: { default: zone } });
    expect(till.importParameters(bench.server.office.signedParameters().jws)).toMatchObject({ result: 'refused' });
    expect(till.status().parametersVersion).toBe(1);
  });
});
