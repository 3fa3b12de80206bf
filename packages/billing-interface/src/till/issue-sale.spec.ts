import { problem, readReceipt } from '@tax-control/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InvoiceDraft, SaleIssued } from '../api.js';
import { TillBench } from '../testing/till-bench.js';
import { draft } from '../testing/till-folder.js';

let bench: TillBench;
beforeEach(async () => {
  bench = await TillBench.set();
});
afterEach(() => bench.end());

describe('a sale online', () => {
  it('gets its code, and the same answer when it is asked again', async () => {
    const till = await bench.openTill();
    const first = await till.issue('sale 1', draft('R-1'));
    expect(first).toMatchObject({
      result: 'issued',
      saleId: 'sale 1',
      counter: 1,
      terminalId: 'till-1',
      environment: 'test',
    });
    const { code, receiptJws, qrText, invoice } = first as SaleIssued;
    expect(readReceipt(receiptJws, bench.server.office.parameters.trustedKeys)).toMatchObject({ ok: true });
    expect(qrText).toBe(`https://check.example/v/${code}`);
    expect(invoice).toMatchObject({ taxpayerId: 'taxpayer-1', premisesId: 'shop-1', total: 765 });
    expect(invoice.taxes).toEqual([{ category: 'standard', rate: '20', base: 637, amount: 128 }]);
    const firstAt = expect.any(String) as string;
    expect(await till.issue('sale 1', draft('R-1'))).toEqual({ ...first, repeated: true, firstAt });
    expect(till.lookUp('sale 1')).toEqual(first);
    expect(till.lookUp('sale 2')).toBeNull();
    expect(bench.server.office.arrivals).toHaveLength(1);
  });

  it('is one sale when it is asked for twice at once', async () => {
    const till = await bench.openTill();
    const [one, other] = await Promise.all([till.issue('sale 1', draft('R-1')), till.issue('sale 1', draft('R-1'))]);
    expect(one).toEqual(other);
    expect(till.status()).toMatchObject({ lastCounter: 1, issued: 1 });
  });

  it('answers the same after a restart', async () => {
    const till = await bench.openTill();
    const first = await till.issue('sale 1', draft('R-1'));
    await till.close();
    const reopened = await bench.openTill();
    expect(await reopened.issue('sale 1', draft('R-1'))).toMatchObject({ ...first, repeated: true });
    expect(bench.server.office.arrivals).toHaveLength(1);
  });

  it('refuses a saleId with other content, also while the first is under way', async () => {
    const till = await bench.openTill();
    const [first, second] = await Promise.all([till.issue('sale 1', draft('R-1')), till.issue('sale 1', draft('R-2'))]);
    expect(first).toMatchObject({ result: 'issued' });
    expect(second).toMatchObject({ result: 'sale_id_conflict' });
    expect(await till.issue('sale 1', draft('R-3'))).toMatchObject({ result: 'sale_id_conflict' });
    expect(till.status().lastCounter).toBe(1);
  });

  it('bears the server’s warnings', async () => {
    bench.server.office.warn = () => [{ code: 'rate_not_in_force', detail: '20 per cent' }];
    const till = await bench.openTill();
    expect(await till.issue('sale 1', draft('R-1'))).toMatchObject({
      result: 'issued',
      warnings: [{ code: 'rate_not_in_force' }],
    });
  });

  it('chains one invoice to the next', async () => {
    const till = await bench.openTill();
    const first = (await till.issue('sale 1', draft('R-1'))) as SaleIssued;
    const second = (await till.issue('sale 2', draft('R-2'))) as SaleIssued;
    expect(second.invoice).toMatchObject({ counter: 2, previousDigest: first.receipt.invoiceDigest });
  });
});

describe('a sale that cannot be', () => {
  const wrong: [string, Partial<InvoiceDraft> | Record<string, unknown>, string][] = [
    ['payments that do not add up', { payments: [{ method: 'cash', amount: 1 }] }, 'payment_arithmetic'],
    ['a total that is wrong', { total: 700 }, 'total_arithmetic'],
    [
      'a category without a rate',
      { lines: [{ type: 'goods', description: '', quantity: '1', unitPrice: '1', taxCategory: 'luxury' }] },
      'tax_arithmetic',
    ],
    ['an amount that is no integer', { payments: [{ method: 'cash', amount: 7.65 }] }, 'schema_violation'],
    ['no lines', { lines: [] }, 'schema_violation'],
    ['a member that is misspelled', { casheir: 'Anna' }, 'schema_violation'],
    ['a day that is none', { businessDay: '2026-02-30' }, 'schema_violation'],
    ['a refund that names no original', { kind: 'refund' }, 'reference_missing'],
    ['a time that is none', { issuedAt: 'yesterday' }, 'schema_violation'],
  ];
  it.each(wrong)('%s: is invalid before anything is signed, and uses no counter', async (_, change, code) => {
    const till = await bench.openTill();
    const answer = await till.issue('sale 1', { ...draft('R-1'), ...change });
    expect(answer).toMatchObject({ result: 'invalid', problem: { code } });
    expect('detail' in answer && answer.detail.length > 20).toBe(true);
    expect(till.status().lastCounter).toBe(0);
    expect(await till.issue('sale 1', draft('R-1'))).toMatchObject({ result: 'issued', counter: 1 });
  });

  it.each(['', 'x'.repeat(129), 'line\nfeed'])('a saleId that is none (%j)', async (saleId) => {
    const till = await bench.openTill();
    expect(await till.issue(saleId, draft('R-1'))).toMatchObject({ result: 'invalid' });
  });

  it.each([null, 7, 'text', [], { lines: { length: 1 } }])('a draft that is none (%j)', async (value) => {
    const till = await bench.openTill();
    expect(await till.issue('sale 1', value as unknown as InvoiceDraft)).toMatchObject({ result: 'invalid' });
  });

  it('refused by the server: is kept with its bytes and cause, for ever', async () => {
    bench.server.office.judge = () => ({ result: 'refused', problem: problem('total_arithmetic') });
    const till = await bench.openTill();
    const answer = await till.issue('sale 1', draft('R-1'));
    expect(answer).toMatchObject({ result: 'refused', counter: 1, problem: { code: 'total_arithmetic' } });
    bench.server.office.judge = () => null;
    expect(await till.issue('sale 1', draft('R-1'))).toMatchObject({ ...answer, repeated: true });
    expect(await till.drain()).toMatchObject({ stillWaiting: 0 });
    expect(till.status()).toMatchObject({ refused: 1, waiting: 0 });
    const { invoiceId } = answer as SaleIssued;
    const corrected = await till.issue('sale 2', draft('R-1', { supersedes: { terminalId: 'till-1', invoiceId } }));
    expect(corrected).toMatchObject({ result: 'issued', counter: 2 });
  });
});

describe('a refund', () => {
  it('takes its original’s rates, whatever is in force now', async () => {
    const till = await bench.openTill();
    const { invoiceId } = (await till.issue('sale 1', draft('R-1'))) as SaleIssued;
    bench.server.office.publish({ taxRates: [{ category: 'standard', rate: '25', from: '1970-01-01', until: null }] });
    till.importParameters(bench.server.office.signedParameters().jws);
    const [line] = draft('R-1').lines;
    const refund = await till.issue(
      'refund 1',
      draft('R-2', {
        kind: 'refund',
        lines: [{ ...line!, quantity: '-1' }],
        payments: [{ method: 'cash', amount: -255 }],
        reference: { terminalId: 'till-1', invoiceId },
      }),
    );
    expect((refund as SaleIssued).invoice.taxes).toMatchObject([{ category: 'standard', rate: '20' }]);
    const sale = await till.issue('sale 2', draft('R-3'));
    expect((sale as SaleIssued).invoice.taxes).toMatchObject([{ category: 'standard', rate: '25' }]);
  });
});

describe('closing', () => {
  it('lets the sale under way end, and takes no more', async () => {
    const till = await bench.openTill();
    const sale = till.issue('sale 1', draft('R-1'));
    await till.close();
    expect(await sale).toMatchObject({ result: 'issued' });
    expect(await till.issue('sale 2', draft('R-2'))).toMatchObject({ result: 'journal_unavailable' });
  });
});
