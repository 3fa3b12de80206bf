import {
  type BillingInterface,
  type DraftLine,
  type InvoiceDraft,
  openTill,
  type SaleIssued,
  type SaleResult,
  type SaleStoredOffline,
} from '@tax-control/billing-interface';
import { draft, STILL } from '@tax-control/billing-interface/testing';
import { uuidV7 } from '@tax-control/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runAudit } from '../tools/audit/audit.js';
import { openShop, type Shop } from './agent/shop.js';

let shop: Shop;
let till: BillingInterface;
let other: BillingInterface;

beforeAll(async () => {
  shop = await openShop();
  const rates = [
    ['food', '10', '2020-01-01'],
    ['lamps', '19', '2020-01-01'],
    ['lamps', '16', '2026-01-01'],
    ['city', '3', '2020-01-01', '--levy', 'untaxed'],
    ['bottles', '10', '2020-01-01', '--levy', 'taxed'],
  ] as const;
  for (const [category, rate, from, ...levy] of rates)
    await shop.control('tax-rate', 'add', category, '--rate', rate, '--from', from, ...levy);
  [till, other] = [await open('till-1'), await open('till-2')];
});
afterAll(async () => {
  await till.close();
  await other.close();
  await shop.close();
});

async function open(terminalId: string): Promise<BillingInterface> {
  const directory = await shop.addTill(terminalId);
  return openTill({ directory, software: { name: 'Till under test', version: '1.0.0' }, pace: STILL });
}

/** One piece; a negative price is a piece that comes back. */
function piece(price: number, taxCategory: string, more: Partial<DraftLine> = {}): DraftLine {
  const quantity = price < 0 ? '-1' : '1';
  return { type: 'goods', description: 'Lamp', quantity, unitPrice: String(Math.abs(price)), taxCategory, ...more };
}

/** Issues it and expects that nobody has anything to say of it. */
async function issue(at: BillingInterface, lines: DraftLine[], more: Partial<InvoiceDraft> = {}): Promise<SaleIssued> {
  const total = lines.reduce((sum, { quantity, unitPrice }) => sum + Number(quantity) * Number(unitPrice), 0);
  const sale = draft(uuidV7(Date.now()), { lines, payments: [{ method: 'cash', amount: total }], ...more });
  const answer = (await at.issue(uuidV7(Date.now()), sale)) as SaleIssued;
  expect([answer.result, answer.warnings, answer.notices]).toEqual(['issued', [], undefined]);
  return answer;
}

const nameOf = ({ terminalId, invoiceId }: SaleIssued | SaleStoredOffline) => ({ terminalId, invoiceId });

const rowsOf = ({ invoice }: SaleIssued) =>
  invoice.taxes.map(({ category, rate, base, amount, levy }) => [category, rate, base, amount, levy]);

it('a line has a levy beside its tax, and one in its base', async () => {
  const levies = [{ category: 'city' }, { category: 'bottles' }];
  const sale = await issue(till, [piece(12_400, 'food', { levies }), piece(1_100, 'food')]);
  expect(rowsOf(sale)).toEqual([
    ['food', '10', 12_000, 1_200, undefined],
    ['city', '3', 10_000, 300, 'untaxed'],
    ['bottles', '10', 10_000, 1_000, 'taxed'],
  ]);
  expect(sale.invoice.total).toBe(13_500);
  // The other till learns from the server which sort of levy each is.
  const back = await issue(other, [piece(-12_400, 'food', { levies })], { kind: 'refund', reference: nameOf(sale) });
  expect(rowsOf(back)).toEqual([
    ['food', '10', -11_000, -1_100, undefined],
    ['city', '3', -10_000, -300, 'untaxed'],
    ['bottles', '10', -10_000, -1_000, 'taxed'],
  ]);
});

it('an exchange after a change of rate has its category at two rates', async () => {
  const exchange = await issue(till, [piece(-11_900, 'lamps', { taxRate: '19' }), piece(23_200, 'lamps')]);
  expect(rowsOf(exchange)).toEqual([
    ['lamps', '19', -10_000, -1_900, undefined],
    ['lamps', '16', 20_000, 3_200, undefined],
  ]);
  expect(exchange.invoice.lines.map(({ taxRate }) => taxRate)).toEqual(['19', '16']);
});

it('a refund names several receipts, of another till and of another rate, and gives each its own back', async () => {
  const entered = { issuedAt: '2025-11-22T12:00:00Z', enteredLater: { reason: 'a receipt on paper' } };
  const lines = [piece(11_900, 'lamps')];
  const old = (await till.issue(
    'old',
    draft('old', { lines, payments: [{ method: 'cash', amount: 11_900 }], ...entered }),
  )) as SaleIssued;
  expect(rowsOf(old)).toEqual([['lamps', '19', 10_000, 1_900, undefined]]);
  const recent = await issue(till, [piece(11_600, 'lamps')]);
  const both = [piece(-11_900, 'lamps', { original: 0 }), piece(-11_600, 'lamps', { original: 1 })];
  const originals = [nameOf(old), { code: recent.code }];
  for (const at of [other, till]) {
    const back = (await at.issue(
      uuidV7(Date.now()),
      draft(uuidV7(Date.now()), {
        kind: 'refund',
        reference: { originals },
        lines: both,
        payments: [{ method: 'cash', amount: -23_500 }],
      }),
    )) as SaleIssued;
    expect(rowsOf(back)).toEqual([
      ['lamps', '19', -10_000, -1_900, undefined],
      ['lamps', '16', -10_000, -1_600, undefined],
    ]);
    // The second time there is nothing left to take back.
    const warned = at === other ? [] : ['refunds_above_original'];
    expect([back.notices, back.warnings.map(({ code }) => code)]).toEqual([undefined, warned]);
  }
});

it('a refund of several takes those along first that still wait', async () => {
  shop.line.cut();
  const waiting = [];
  for (const price of [500, 700]) {
    const lines = [piece(price, 'lamps')];
    waiting.push(
      await till.issue(
        uuidV7(Date.now()),
        draft(uuidV7(Date.now()), { lines, payments: [{ method: 'cash', amount: price }] }),
      ),
    );
  }
  shop.line.mend();
  expect(waiting.map(({ result }) => result)).toEqual(['stored_offline', 'stored_offline']);
  const originals = (waiting as SaleStoredOffline[]).map(nameOf);
  const back = async (): Promise<SaleResult> =>
    till.issue(
      uuidV7(Date.now()),
      draft(uuidV7(Date.now()), {
        kind: 'refund',
        reference: { originals },
        lines: [piece(-500, 'lamps', { original: 0 }), piece(-700, 'lamps', { original: 1 })],
        payments: [{ method: 'cash', amount: -1_200 }],
      }),
    );
  let answer = await back();
  // The line may still be held to be down.
  if (answer.result === 'stored_offline') {
    await till.drain();
    answer = till.lookUp(answer.saleId) ?? answer;
  }
  expect(answer).toMatchObject({ result: 'issued', warnings: [] });
});

it('the audit finds what was signed', async () => {
  const { database, keysDirectory } = shop.ground;
  const { held, verdicts } = await runAudit({ databaseUrl: database.auditorUrl, keysDirectory });
  expect(verdicts.filter((verdict) => verdict.held === false)).toEqual([]);
  expect(held).toBe(true);
});

it.each([
  'UPDATE ledger_original SET returned = returned + 1',
  'UPDATE ledger_original SET is_exact = NOT is_exact',
  'DELETE FROM ledger_original',
  "INSERT INTO ledger_original SELECT min(sequence), 'till-9', gen_random_uuid(), 0, 0, 1, true FROM ledger",
])('the audit finds what is done to the rows of several originals: %s', async (statement) => {
  const { ground, server } = shop;
  await server.superuser.query('CREATE TABLE kept AS SELECT * FROM ledger_original');
  expect((await server.superuser.query(statement)).rowCount).toBeGreaterThan(0);
  const { verdicts } = await runAudit({ databaseUrl: ground.database.auditorUrl, keysDirectory: ground.keysDirectory });
  await server.superuser.query(
    'DELETE FROM ledger_original; INSERT INTO ledger_original SELECT * FROM kept; DROP TABLE kept',
  );
  expect(verdicts.filter((verdict) => verdict.held === false).map(({ id }) => id)).toEqual(['columns']);
});
