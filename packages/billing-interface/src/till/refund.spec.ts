import { problem } from '@tax-control/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InvoiceDraft, SaleIssued, SaleResult, SaleStoredOffline } from '../api.js';
import { openWithBacklog, until } from '../testing/offline-sales.js';
import { TillBench } from '../testing/till-bench.js';
import { draft } from '../testing/till-folder.js';

let bench: TillBench;
beforeEach(async () => {
  bench = await TillBench.set();
});
afterEach(() => bench.end());

const REISSUES = '/v1/reissues';

const arrived = () => bench.server.office.arrivals.map(({ invoiceId }) => invoiceId);
const numbersOf = (ids: readonly string[]) => ids.map((id) => bench.server.office.filed.get(id)?.invoice.number);

describe('a refund of an offline sale', () => {
  const refund = (invoiceId: string) =>
    draft('refund', {
      kind: 'refund',
      lines: [
        { type: 'goods', description: 'Tea light holder', quantity: '-3', unitPrice: '255', taxCategory: 'standard' },
      ],
      payments: [{ method: 'cash', amount: -765 }],
      reference: { terminalId: 'till-1', invoiceId },
    });

  it('takes its original along first', async () => {
    const { till, ids } = await openWithBacklog(bench, 3);
    const sale = (await till.issue('refund', refund(ids[1]!))) as SaleIssued;
    expect(sale.result).toBe('issued');
    expect(arrived().slice(0, 2)).toEqual([ids[1], sale.invoiceId]);
    expect(bench.server.paths().slice(-2)).toEqual([REISSUES, '/v1/invoices']);
    await until(till, () => till.status().waiting === 0);
    expect(numbersOf(arrived())).toEqual(['offline-2', 'refund', 'offline-1', 'offline-3']);
  });

  it('waits with it when the line fails', async () => {
    const { till, ids } = await openWithBacklog(bench, 1);
    bench.server.fault = () => ({ kind: 'reset' });
    expect(await till.issue('refund', refund(ids[0]!))).toMatchObject({ result: 'stored_offline' });
    bench.server.fault = () => null;
    expect(await till.drain()).toMatchObject({ issued: 2, stillWaiting: 0 });
    expect(numbersOf(arrived())).toEqual(['offline-1', 'refund']);
  });

  it('goes alone when the server refuses the original', async () => {
    const { till, ids } = await openWithBacklog(bench, 1);
    bench.server.office.judge = ({ kind }) =>
      kind === 'sale' ? { result: 'refused', problem: problem('schema_violation') } : null;
    expect(await till.issue('refund', refund(ids[0]!))).toMatchObject({ result: 'issued' });
    expect(till.lookUp('offline 1')).toMatchObject({ result: 'refused' });
  });

  it('that ran out of time behind its original on the wire sends nothing more, and holds no line to be down', async () => {
    const { server } = bench;
    // Within it a busy machine connects and sends: only the answer is late.
    server.office.publish({ deadlineMs: 1_500 });
    const till = await bench.openTill({ pace: { probeMs: 1 } });
    till.importParameters(server.office.signedParameters().jws);
    let answer: (value?: unknown) => void = () => undefined;
    const late = new Promise((resolve) => (answer = resolve));
    server.office.judge = () => ({ result: 'deferred', problem: problem('row_refused') });
    server.fault = ({ path }) => (path === '/v1/invoices' ? { kind: 'hold', until: late } : null);
    const { invoiceId } = (await till.issue('sale', draft('sale'))) as SaleStoredOffline;
    while (till.status().circuit !== 'closed') await new Promise((resolve) => setImmediate(resolve));
    const refunded = await till.issue('refund', refund(invoiceId));
    expect(refunded).toMatchObject({ result: 'stored_offline', cause: 'answer_timeout' });
    while (till.status().circuit !== 'closed') await new Promise((resolve) => setImmediate(resolve));
    answer();
    await till.close();
    expect(server.paths()).toEqual(['/v1/invoices']);
  });
});

describe('the sign of what takes back', () => {
  const back = (kind: 'sale' | 'refund' | 'void', quantity: string, reference?: InvoiceDraft['reference']) =>
    draft(kind, {
      kind,
      lines: [{ type: 'goods', description: 'Tea light holder', quantity, unitPrice: '255', taxCategory: 'standard' }],
      payments: [{ method: 'cash', amount: 255 * Number(quantity) }],
      ...(reference !== undefined && { reference }),
    });
  const invalid = { result: 'invalid', problem: { code: 'refund_sign_wrong', errors: [{ pointer: '/total' }] } };

  it('is the opposite of the original’s, and a wrong one is invalid before anything is signed', async () => {
    const till = await bench.openTill();
    const taking = async (saleId: string, kind: 'refund' | 'void', quantity: string, original: SaleResult) => {
      const { terminalId, invoiceId } = original as SaleIssued;
      return till.issue(saleId, back(kind, quantity, { terminalId, invoiceId }));
    };
    const sale = await till.issue('sale', back('sale', '1'));
    expect(await taking('refund', 'refund', '1', sale)).toMatchObject(invalid);
    expect(await taking('void', 'void', '1', sale)).toMatchObject(invalid);
    expect(till.status().lastCounter).toBe(1);
    const refund = await taking('refund', 'refund', '-1', sale);
    expect(refund).toMatchObject({ result: 'issued', invoice: { total: -255 } });
    expect(await taking('void of the refund', 'void', '-1', refund)).toMatchObject(invalid);
    expect(await taking('void of the refund', 'void', '1', refund)).toMatchObject({ result: 'issued' });
    const returned = await till.issue('bottles', back('sale', '-1'));
    expect(await taking('void of the bottles', 'void', '1', returned)).toMatchObject({ result: 'issued' });
  });

  it('of an original that this journal has not: a refund gives money back, a void may do either', async () => {
    const till = await bench.openTill();
    const elsewhere = { terminalId: 'till-9', invoiceId: '01990000-0000-7000-8000-000000000000' };
    expect(await till.issue('refund', back('refund', '1', elsewhere))).toMatchObject(invalid);
    expect(await till.issue('reason', back('refund', '1', { reason: 'receipt lost' }))).toMatchObject(invalid);
    expect(await till.issue('refund', back('refund', '-1', elsewhere))).toMatchObject({ result: 'issued' });
    expect(await till.issue('void', back('void', '1', elsewhere))).toMatchObject({ result: 'issued' });
    expect(await till.issue('void 2', back('void', '-1', elsewhere))).toMatchObject({ result: 'issued' });
  });
});
