import { type Invoice, type Parameters, systemClock, uuidV7 } from '@tax-control/protocol';
import { makeInvoice } from '@tax-control/protocol/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BillingInterface, InvoiceDraft, SaleIssued, SaleStoredOffline } from '../api.js';
import { TERMINAL } from '../testing/stand-in-server.js';
import { TillBench } from '../testing/till-bench.js';
import { draft, takeParameters } from '../testing/till-folder.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Of the clock that a spec sets. */
const NOON = Date.UTC(2026, 9, 14, 12);

/** Sixteen per cent until the day before yesterday, twenty from yesterday on, twenty-five from tomorrow on. */
const RATES: Parameters['taxRates'] = [
  { category: 'standard', rate: '16', from: '2020-01-01', until: '2026-10-12' },
  { category: 'standard', rate: '20', from: '2026-10-13', until: '2026-10-14' },
  { category: 'standard', rate: '25', from: '2026-10-15', until: null },
];
const CODE = '90000000000012345668';

let bench: TillBench;
let time: number;
const clock = { ...systemClock, now: () => time };
beforeEach(async () => {
  time = NOON;
  bench = await TillBench.set();
});
afterEach(() => bench.end());

async function openTill(parameters: Partial<Parameters> = {}): Promise<BillingInterface> {
  const publishedAt = new Date(NOON - HOUR_MS).toISOString();
  bench.server.office.publish({ publishedAt, taxRates: RATES, timeZones: { default: 'UTC' }, ...parameters });
  takeParameters(bench.files, bench.authority, bench.server);
  return bench.openTill({ clock });
}

/** An invoice of another till of the same taxpayer, on file with {@link CODE}. */
function fileElsewhere(rate: string, change: Partial<Invoice> = {}): { terminalId: string; invoiceId: string } {
  const invoice = makeInvoice({
    terminalId: 'till-2',
    id: uuidV7(NOON - 3 * DAY_MS),
    taxes: [{ category: 'standard', rate, base: 10_000, amount: 1_600 }],
    ...change,
  });
  bench.server.office.filed.set(invoice.id, { invoice, jws: '', digest: '', receipt: '', code: CODE });
  return { terminalId: invoice.terminalId, invoiceId: invoice.id };
}

type Signed = SaleIssued | SaleStoredOffline;

/** Gives 116.00 back. */
async function takeBack(
  till: BillingInterface,
  reference: InvoiceDraft['reference'],
  change: Partial<InvoiceDraft> = {},
): Promise<Signed> {
  const lines = [
    { type: 'goods', description: 'Lamp', quantity: '-1', unitPrice: '11600', taxCategory: 'standard' },
  ] as const;
  const payments = [{ method: 'cash', amount: -11_600 }] as const;
  const kind = 'refund';
  const given = draft('B-1', { kind, lines, payments: [...payments], ...(reference && { reference }), ...change });
  return (await till.issue('back', given)) as Signed;
}

const taxOf = ({ invoice }: Signed) => invoice.taxes.map(({ rate, amount }) => [rate, amount]);
const asked = () => bench.server.paths().filter((path) => path.startsWith('/v1/originals'));
const SIXTEEN = [['16', -1_600]];
const TWENTY = [['20', -1_933]];
const TOLD = [expect.stringContaining('The server did not tell the tax rates of the original.') as string];

describe('a refund of another till’s sale', () => {
  it.each(['refund', 'void'] as const)('has the rates that the server has on file of it (%s)', async (kind) => {
    const till = await openTill();
    const original = fileElsewhere('16');
    const sale = await takeBack(till, original, { kind });
    expect([sale.result, taxOf(sale), sale.notices]).toEqual(['issued', SIXTEEN, undefined]);
    expect(asked()).toEqual([`/v1/originals/till-2/${original.invoiceId}`]);
  });

  it('is found by its code', async () => {
    const till = await openTill();
    fileElsewhere('16');
    expect(taxOf(await takeBack(till, { code: CODE }))).toEqual(SIXTEEN);
    expect(asked()).toEqual([`/v1/originals/${CODE}`]);
  });

  it('is asked for before anything is signed, over the connection that the sale takes', async () => {
    const till = await openTill();
    await takeBack(till, fileElsewhere('16'));
    expect(bench.server.paths()).toEqual([...asked(), '/v1/invoices']);
    expect(bench.server.connections).toBe(1);
  });

  it('keeps the taxes that the draft states, and asks nobody', async () => {
    const till = await openTill();
    const taxes = [{ category: 'standard', rate: '7', base: -10_841, amount: -759 }];
    expect(taxOf(await takeBack(till, fileElsewhere('16'), { taxes }))).toEqual([['7', -759]]);
    expect(asked()).toEqual([]);
  });

  it('has the rates of its own journal without asking, by id and by code', async () => {
    time = NOON - 3 * DAY_MS;
    const till = await openTill({ publishedAt: new Date(NOON - 4 * DAY_MS).toISOString() });
    const sale = (await till.issue('sale', draft('S-1'))) as SaleIssued;
    expect(taxOf(sale)).toEqual([['16', 106]]);
    time = NOON;
    const { terminalId, invoiceId, code } = sale;
    const byId = await takeBack(till, { terminalId, invoiceId });
    const byCode = (await till.issue('by code', { ...draft('B-2', undoing(byId)), reference: { code } })) as Signed;
    expect([taxOf(byId), taxOf(byCode), byCode.notices]).toEqual([SIXTEEN, SIXTEEN, undefined]);
    expect(asked()).toEqual([]);
  });

  it('asks for one of its own terminal that this journal has lost', async () => {
    const till = await openTill();
    const original = fileElsewhere('16', { terminalId: TERMINAL.terminalId });
    expect(taxOf(await takeBack(till, original))).toEqual(SIXTEEN);
    expect(asked()).toHaveLength(1);
  });
});

const undoing = ({ invoice: { kind, lines, payments } }: Signed): Partial<InvoiceDraft> => ({ kind, lines, payments });

describe('a refund whose original nobody tells', () => {
  const unknown = (ageMs: number) => ({ terminalId: 'till-2', invoiceId: uuidV7(NOON - ageMs) });

  it('has the rates of the day in its id, and says so, also when it is looked up', async () => {
    const till = await openTill();
    const rounding = { type: 'rounding', description: 'Cash', quantity: '1', unitPrice: '2' } as const;
    const lamp = { type: 'goods', description: 'Lamp', quantity: '-1', unitPrice: '11600' } as const;
    const lines = [{ ...lamp, taxCategory: 'standard' }, rounding];
    const payments = [{ method: 'cash', amount: -11_598 }] as const;
    const sale = await takeBack(till, unknown(3 * DAY_MS), { lines, payments: [...payments] });
    expect([taxOf(sale), sale.notices]).toEqual([SIXTEEN, TOLD]);
    expect(sale.notices?.[0]).toContain('those of 2026-10-11, when the original was written by its id. Compare');
    expect(till.lookUp('back')).toMatchObject({ notices: sale.notices });
    await till.close();
    expect((await bench.openTill({ clock })).lookUp('back')).toMatchObject({ notices: sale.notices });
  });

  it.each([
    ['in the shop’s zone', 'Asia/Riyadh', Date.UTC(2026, 9, 12, 22), '20'],
    ['which is another one elsewhere', 'UTC', Date.UTC(2026, 9, 12, 22), '16'],
    ['none in force: those of now', 'UTC', Date.UTC(2010, 0, 1), '20'],
    ['not yet come: those of now', 'UTC', NOON + DAY_MS, '20'],
    ['the last that an id can name: those of now', 'UTC', 2 ** 48 - 1, '20'],
  ])('takes the day %s', async (_which, zone, written, rate) => {
    const till = await openTill({ timeZones: { default: zone } });
    const sale = await takeBack(till, { terminalId: 'till-2', invoiceId: uuidV7(written) });
    expect([taxOf(sale)[0]?.[0], sale.notices]).toEqual([rate, TOLD]);
  });

  it('says of each part which rates it has, where a category is younger than the original', async () => {
    const taxRates = [...RATES, { category: 'young', rate: '9', from: '2026-10-14', until: null }];
    const till = await openTill({ taxRates });
    const line = { type: 'goods', description: 'Lamp', quantity: '-1', unitPrice: '11600' } as const;
    const lines = ['standard', 'young'].map((taxCategory) => ({ ...line, taxCategory }));
    const payments = [{ method: 'cash', amount: -23_200 }] as const;
    const sale = await takeBack(till, unknown(3 * DAY_MS), { lines, payments: [...payments] });
    expect(taxOf(sale).map(([rate]) => rate)).toEqual(['16', '9']);
    expect(sale.notices?.[0]).toContain('those of 2026-10-11, when the original was written by its id, and those in');
  });

  it('has the rates in force where a code names it, and where nothing does', async () => {
    const till = await openTill();
    const byCode = await takeBack(till, { code: CODE });
    expect([taxOf(byCode), byCode.notices]).toEqual([TWENTY, TOLD]);
    const given = { ...draft('B-2', undoing(byCode)), reference: { reason: 'receipt lost' } };
    const byReason = (await till.issue('reason', given)) as Signed;
    expect([taxOf(byReason), byReason.notices]).toEqual([TWENTY, undefined]);
    expect(asked()).toHaveLength(1);
  });

  it('says nothing where the category never had another rate', async () => {
    const till = await openTill({ taxRates: [{ category: 'standard', rate: '20', from: '2020-01-01', until: null }] });
    const sale = await takeBack(till, unknown(3 * DAY_MS));
    expect([taxOf(sale), sale.notices]).toEqual([TWENTY, undefined]);
  });

  it('does not ask over a line that is known to be down', async () => {
    const till = await openTill();
    bench.server.fault = () => ({ kind: 'reset' });
    await till.issue('finds out', draft('S-1'));
    bench.server.requests.splice(0);
    const sale = await takeBack(till, unknown(3 * DAY_MS));
    expect(sale).toMatchObject({ result: 'stored_offline', cause: 'circuit_open' });
    expect([taxOf(sale), sale.notices]).toEqual([SIXTEEN, TOLD]);
    expect(bench.server.paths(true)).toEqual([]);
  });
});

describe('a question about an original that fails', () => {
  const onOriginals = (fault: Exclude<ReturnType<typeof bench.server.fault>, null>) => {
    bench.server.fault = ({ path }) => (path.startsWith('/v1/originals') ? fault : null);
  };
  const answer = (status: number, body: unknown) => ({ kind: 'answer', status, body }) as const;
  const said = (taxes: unknown) => answer(200, { taxes, currency: 'GBP', businessDay: '2026-10-11' });

  it.each([
    ['a reset', { kind: 'reset' }],
    ['half an answer', { kind: 'cut' }],
    ['no such route, of an older server', answer(404, { code: 'not_found' })],
    ['a busy server', answer(503, { code: 'server_busy', retryAfterMs: 60_000 })],
    ['a server’s error', answer(500, 'oops')],
    ['rates that are none', said([{ category: 'standard', rate: '1e2' }])],
    ['categories that are none', said([{ category: '\u0000', rate: '16' }])],
    ['no list', said({ standard: '16' })],
    ['nothing', answer(200, null)],
  ] as const)('(%s) is no failure of the sale, and opens no circuit', async (_what, fault) => {
    const till = await openTill();
    onOriginals(fault);
    const sale = await takeBack(till, fileElsewhere('17'));
    expect([sale.result, taxOf(sale), sale.notices]).toEqual(['issued', SIXTEEN, TOLD]);
    expect(till.status()).toMatchObject({ circuit: 'closed', lastFailure: null });
  });

  it('passes over members that a later server adds', async () => {
    const till = await openTill();
    onOriginals(
      answer(200, {
        taxes: [{ category: 'standard', rate: '17', more: 1 }],
        currency: 'GBP',
        businessDay: '2026-10-11',
        more: 1,
      }),
    );
    expect(taxOf(await takeBack(till, fileElsewhere('16')))[0]?.[0]).toBe('17');
  });

  it('keeps the deadline where nothing is answered at all, and only the sale finds the line to be down', async () => {
    const till = await openTill({ deadlineMs: 1_500 });
    bench.server.fault = () => ({ kind: 'hang' });
    const began = performance.now();
    const sale = await takeBack(till, fileElsewhere('17'));
    expect(performance.now() - began).toBeLessThan(30_000);
    expect([sale, taxOf(sale)]).toMatchObject([{ result: 'stored_offline', cause: 'answer_timeout' }, SIXTEEN]);
    expect(till.status().circuit).toBe('open');
    expect(till.log()).toHaveLength(1);
  });

  it('leaves the sale two thirds of its deadline where no answer comes', async () => {
    const deadlineMs = 9_000;
    const till = await openTill({ deadlineMs });
    onOriginals({ kind: 'hang' });
    const began = performance.now();
    const sale = await takeBack(till, fileElsewhere('17'));
    const tookMs = performance.now() - began;
    expect([sale.result, taxOf(sale), sale.notices]).toEqual(['issued', SIXTEEN, TOLD]);
    expect(tookMs).toBeGreaterThan(deadlineMs / 3 - 100);
    expect(till.status().circuit).toBe('closed');
  });
});
