import { cp, rm } from 'node:fs/promises';
import {
  type BillingInterface,
  exportJournal,
  type InvoiceDraft,
  openTill,
  type SaleResult,
  type SaleIssued,
  type SaleStoredOffline,
  systemClock,
  verifyJournal,
} from '@tax-control/billing-interface';
import { draft, STILL } from '@tax-control/billing-interface/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AttemptStatisticsService } from '../src/log-analytics/attempts/attempt-statistics.js';
import { PremisesDirectory } from '../src/registry/premises-directory.js';
import { openShop, type Shop } from './agent/shop.js';

const THRESHOLD = 50;
const DAY_MS = 86_400_000;

let shop: Shop;
let directory: string;
let till: BillingInterface;

async function open(folder = directory): Promise<BillingInterface> {
  return openTill({ directory: folder, software: { name: 'Till under test', version: '1.0.0' }, pace: STILL });
}

beforeAll(async () => {
  shop = await openShop();
  directory = await shop.addTill('till-1');
  till = await open();
});
afterAll(async () => {
  await till.close();
  await shop.close();
});
afterEach(() => shop.line.mend());

interface LedgerRow {
  readonly code: string;
  readonly door: string;
  readonly attempt_id: string | null;
}

async function ledgerRow(invoiceId: string): Promise<LedgerRow[]> {
  const { rows } = await shop.ground.superuser.query<LedgerRow>(
    'SELECT code, door, attempt_id FROM ledger JOIN content USING (sequence) WHERE invoice_id = $1',
    [invoiceId],
  );
  return rows;
}

async function sell(saleId: string, change: Partial<InvoiceDraft> = {}): Promise<SaleIssued> {
  return (await till.issue(saleId, draft(saleId, change))) as SaleIssued;
}

async function sellOffline(...saleIds: string[]): Promise<SaleStoredOffline[]> {
  shop.line.cut();
  const sales: SaleStoredOffline[] = [];
  for (const saleId of saleIds) sales.push((await till.issue(saleId, draft(saleId))) as SaleStoredOffline);
  shop.line.mend();
  return sales;
}

describe('a till with the real server', () => {
  it('gets the code that the ledger has, under the attempt that its log names', async () => {
    const sale = await sell('online');
    expect(sale).toMatchObject({ result: 'issued', environment: 'test', warnings: [] });
    const [entry] = till.log();
    expect(await ledgerRow(sale.invoiceId)).toEqual([{ code: sale.code, door: 'issue', attempt_id: entry!.id }]);
  });

  it('sells offline, drains within the threshold, and each one keeps its attempt', async () => {
    const ids = Array.from({ length: THRESHOLD + 5 }, (_, index) => `offline ${index}`);
    const sales = await sellOffline(...ids);
    expect(sales.every(({ result }) => result === 'stored_offline')).toBe(true);
    expect(await till.drain()).toMatchObject({ issued: ids.length, stillWaiting: 0, cause: null });
    const attempts = new Map(
      till
        .log(500)
        .filter(({ outcome }) => outcome === 'issued')
        .map((entry) => [entry.invoiceId, entry.id]),
    );
    for (const { saleId, invoiceId } of sales) {
      const { code } = till.lookUp(saleId) as SaleIssued;
      expect(await ledgerRow(invoiceId)).toEqual([{ code, door: 'reissue', attempt_id: attempts.get(invoiceId) }]);
    }
  });

  it('sells by a clock in 2000 too, by the rates of now, and its sale is seen today', async () => {
    const folder = await shop.addTill('till-in-2000');
    const clock = { ...systemClock, now: () => Date.UTC(2000, 0, 1) };
    const wrong = await openTill({ directory: folder, software: { name: 'T', version: '1' }, pace: STILL, clock });
    const sale = (await wrong.issue('2000', draft('2000'))) as SaleIssued;
    expect(sale.warnings.map(({ code }) => code)).toEqual(['clock_off', 'signed_outside_validity', 'clock_behind']);
    expect(sale.invoice.issuedAt).toMatch(/^(2000-01-01|1999-12-31)T/);
    expect(sale.notices).toEqual([expect.stringContaining('Set date and time') as string]);
    shop.line.cut();
    const late = (await wrong.issue('late', draft('late'))) as SaleStoredOffline;
    shop.line.mend();
    expect(await wrong.drain()).toMatchObject({ issued: 1 });
    expect((wrong.lookUp('late') as SaleIssued).warnings.map(({ code }) => code)).toEqual([
      'signed_outside_validity',
      'clock_behind',
    ]);
    await wrong.close();
    const { rows } = await shop.ground.superuser.query<{ figures: number }>(
      `SELECT count(*)::integer AS figures FROM invoice_figure
       WHERE figure = 'flagged' AND at > now() - interval '1 hour'
         AND invoice_figure.number IN (SELECT sequence FROM ledger WHERE invoice_id = ANY ($1))`,
      [[sale.invoiceId, late.invoiceId]],
    );
    expect(rows).toEqual([{ figures: 2 }]);
  });

  it('may sell for a bill, and for a handwritten receipt, without being accused of its clock', async () => {
    const honest = await openTill({
      directory: await shop.addTill('till-measured'),
      software: { name: 'T', version: '1' },
      pace: { ...STILL, drainMs: 5 },
    });
    await expect.poll(() => honest.status().clockOffsetMs).not.toBeNull();
    const at = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();
    const warningsOf = async (saleId: string, more: Partial<InvoiceDraft>): Promise<string[]> =>
      ((await honest.issue(saleId, draft(saleId, more))) as SaleIssued).warnings.map(({ code }) => code);
    expect(await warningsOf('bill', { issuedAt: at(2) })).toEqual([]);
    const paper = await warningsOf('paper', { issuedAt: at(180), enteredLater: { reason: 'no power' } });
    expect(paper).toEqual(['entered_later']);
    await honest.close();
  });

  it('has its log on file at the server, nothing twice', async () => {
    await sellOffline('logged');
    await till.drain();
    await till.drain();
    const { rows } = await shop.ground.superuser.query<{ entry_id: string; cause: string | null }>(
      `SELECT entry_id, cause FROM transaction_log_entry WHERE terminal_id = 'till-1'`,
    );
    const log = till.log(1000);
    expect(new Map(rows.map(({ entry_id, cause }) => [entry_id, cause]))).toEqual(
      new Map(log.map(({ id, cause }) => [id, cause])),
    );
    expect(till.status().logWaiting).toBe(0);
  });

  it('has what it did not even try counted under the failure that it found', async () => {
    const from = new Date();
    const sales = await sellOffline('found out', 'not tried', 'not tried either');
    expect(sales.map(({ cause }) => cause).slice(1)).toEqual(['circuit_open', 'circuit_open']);
    const [found] = sales;
    await till.drain();
    const pool = shop.ground.superuser;
    const statistics = new AttemptStatisticsService(pool, new PremisesDirectory(pool));
    const period = { from: from.toISOString(), to: new Date(Date.now() + 1).toISOString(), zone: 'UTC', step: 'hour' };
    const query = { period: { ...period, step: 'hour' as const }, filter: {} };
    const { causes, figures } = await statistics.statistics(query, 'all');
    expect(causes.map(({ cause, count, notTried }) => [cause, count.value, notTried.value])).toEqual([
      [found?.cause, 3, 2],
    ]);
    expect([figures.notTried.value, figures.failed.value, figures.storedOffline.value]).toEqual([2, 1, 3]);
  });

  it('gets the same receipt when the answer was lost', async () => {
    shop.line.loseAnswers();
    const sale = (await till.issue('lost', draft('lost'))) as SaleStoredOffline;
    expect(sale).toMatchObject({ result: 'stored_offline', cause: 'answer_timeout' });
    expect(shop.line.lostBytes).toBeGreaterThan(0);
    await expect.poll(() => ledgerRow(sale.invoiceId)).toHaveLength(1);
    shop.line.mend();
    expect(await till.drain()).toMatchObject({ alreadyIssued: 1, stillWaiting: 0 });
    const [row] = await ledgerRow(sale.invoiceId);
    expect(till.lookUp('lost')).toMatchObject({ result: 'issued', code: row!.code, receipt: { door: 'issue' } });
  });

  it('takes an original along with its refund, and the server has nothing to warn of', async () => {
    const [original] = await sellOffline('to be refunded');
    await till.drain().then(() => undefined);
    const [waiting] = await sellOffline('to be refunded later');
    // The line is back; a probe finds that out, as it would by itself after a while.
    const refund = (invoiceId: string, saleId: string) =>
      sell(saleId, {
        kind: 'refund',
        lines: [
          { type: 'goods', description: 'Tea light holder', quantity: '-3', unitPrice: '255', taxCategory: 'standard' },
        ],
        payments: [{ method: 'cash', amount: -765 }],
        reference: { terminalId: 'till-1', invoiceId },
      });
    await till.close();
    till = await open();
    expect(await refund(waiting!.invoiceId, 'refund of a waiting one')).toMatchObject({
      result: 'issued',
      warnings: [],
    });
    expect(till.lookUp('to be refunded later')).toMatchObject({ result: 'issued', receipt: { door: 'reissue' } });
    expect(await refund(original!.invoiceId, 'refund')).toMatchObject({ result: 'issued', warnings: [] });
    expect(await refund(original!.invoiceId, 'refund again')).toMatchObject({
      result: 'issued',
      warnings: [{ code: 'refunds_above_original' }],
    });
  });

  it('is told when the office suspends it, still reissues, and sells again when resumed', async () => {
    await sellOffline('before the suspension');
    await till.close();
    till = await open();
    await shop.control('terminal', 'suspend', 'till-1', '--reason', 'a spec');
    // It may take a second to be effective; a sale that was still issued keeps its answer, so each try is a sale of its own.
    let tries = 0;
    const sellAgain = (): Promise<SaleResult> => till.issue(`try ${(tries += 1)}`, draft(`try ${tries}`));
    await expect.poll(async () => (await sellAgain()).result).toMatch(/stored_offline|not_permitted/);
    expect(await till.issue('barred', draft('barred'))).toMatchObject({ result: 'not_permitted' });
    expect(await till.drain()).toMatchObject({ stillWaiting: 0, cause: null });
    expect(till.lookUp('before the suspension')).toMatchObject({ result: 'issued' });
    await shop.control('terminal', 'resume', 'till-1');
    await expect.poll(async () => (await sellAgain()).result).toBe('issued');
  });

  it('measures its clock by the signed echo', async () => {
    await till.close();
    till = await openTill({ directory, software: { name: 'x', version: '1' }, pace: { ...STILL, drainMs: 5 } });
    await expect.poll(() => till.status().clockOffsetMs).not.toBeNull();
    // Off by half of the round trip at most, which lasts seconds on a busy machine.
    expect(Math.abs(till.status().clockOffsetMs!)).toBeLessThan(30_000);
    const { invoice } = await sell('with a clock');
    expect(invoice.clockOffsetMs).toBe(till.status().clockOffsetMs);
  });

  it('renews its certificate long before it expires, and what waited stays signed by the old key', async () => {
    const before = till.status().certificateNotAfter;
    await sellOffline('signed by the old key');
    await till.close();
    // By this clock, less than a third of the certificate's year is left.
    const clock = { ...systemClock, now: () => Date.now() + 250 * DAY_MS };
    till = await openTill({
      directory,
      software: { name: 'x', version: '1' },
      clock,
      pace: { ...STILL, drainMs: 5, renewalMs: DAY_MS },
    });
    const cursor = till.feed(0, 1000).at(-1)?.cursor ?? 0;
    await expect
      .poll(() => till.feed(cursor).map(({ kind }) => kind))
      .toEqual(expect.arrayContaining(['certificate', 'issued']));
    expect(till.lookUp('signed by the old key')).toMatchObject({ result: 'issued' });
    expect(till.status().certificateNotAfter).not.toBe(before);
    await till.close();
    till = await open();
    expect(await sell('signed by the new key')).toMatchObject({ result: 'issued', warnings: [] });
  });

  it('is found out when an old disk image is put back, and opens a new journal', async () => {
    await till.close();
    const image = `${directory}-image`;
    await cp(directory, image, { recursive: true });
    till = await open();
    for (const saleId of ['after the image 1', 'after the image 2']) await sell(saleId);
    await till.close();
    await rm(directory, { recursive: true });
    await cp(image, directory, { recursive: true });
    till = await open();
    const { journalId } = till.status();
    expect(await sell('on the old image')).toMatchObject({ result: 'issued', warnings: [{ code: 'counter_fork' }] });
    expect(till.status().journalId).not.toBe(journalId);
    const next = await sell('in the new journal');
    expect(next).toMatchObject({ result: 'issued', counter: 1, warnings: [] });
  });

  it('leaves a journal that verifies from its first invoice on, and an export that names every code', async () => {
    await till.close();
    const found = verifyJournal(directory);
    expect(found).toMatchObject({ ok: true, journals: 2, waiting: 0, refused: 0 });
    const codes = [...exportJournal(directory)]
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .flatMap(({ kind, code }) => (kind === 'invoice' ? [code] : []));
    expect(new Set(codes).size).toBe(found.invoices);
    const { rows } = await shop.ground.superuser.query<{ code: string }>(
      'SELECT code FROM ledger WHERE code = ANY($1)',
      [codes],
    );
    expect(rows).toHaveLength(codes.length);
    till = await open();
  });
});
