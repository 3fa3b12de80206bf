import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { problem, signReceipt } from '@tax-control/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BillingInterface, SaleIssued, SaleResult, SaleStoredOffline } from '../api.js';
import { exportJournal } from '../journal/export-journal.js';
import { type Mark, MarkFile, markFileOf } from '../journal/mark-file.js';
import { verifyJournal } from '../journal/verify-journal.js';
import { crashImage } from '../testing/crash-image.js';
import { TillBench } from '../testing/till-bench.js';
import { draft } from '../testing/till-folder.js';

let bench: TillBench;
let sold: Map<string, SaleResult>;
beforeEach(async () => {
  bench = await TillBench.set();
  sold = new Map();
});
afterEach(() => bench.end());

async function sell(till: BillingInterface, ...saleIds: string[]): Promise<void> {
  for (const saleId of saleIds) sold.set(saleId, await till.issue(saleId, draft(saleId)));
}

/** Sells, and cuts the power: what the -wal file holds is gone. */
async function sellAndLose(...saleIds: string[]): Promise<void> {
  const till = await bench.openTill();
  await sell(till, ...saleIds);
  const image = crashImage(bench);
  await till.close();
  image.putBack();
  rmSync(`${bench.files.journal}-wal`);
}

/** A server of an earlier version. */
const UNKNOWN_CALL: TillBench['server']['fault'] = ({ path }) =>
  path.includes('/journals/') ? { kind: 'answer', status: 404, body: problem('not_found') } : null;

const codeOf = (saleId: string): string => (sold.get(saleId) as SaleIssued).code;
const eventsOf = (till: BillingInterface, kind: string) => till.feed(0, 1_000).filter((event) => event.kind === kind);

describe('a till whose disk lost invoices', () => {
  it('sells on, names the loss everywhere, and has everything again once the line was there', async () => {
    await sellAndLose('a', 'b', 'c', 'd', 'e');
    expect(verifyJournal(bench.directory)).toMatchObject({
      ok: false,
      faults: [expect.stringMatching(/it had written 5: .*Start the till/) as string],
    });
    bench.server.fault = UNKNOWN_CALL;
    const till = await bench.openTill();
    expect(till.status().losses).toMatchObject([
      { found: 0, written: 5, missing: 5, state: 'to_fetch', noticedBy: 'mark' },
    ]);
    const first = (await till.issue('f', draft('f'))) as SaleIssued;
    expect(first).toMatchObject({
      result: 'issued',
      counter: 1,
      notices: [expect.stringContaining('it had written 5') as string],
    });
    expect(await till.issue('g', draft('g'))).not.toHaveProperty('notices');
    expect(till.lookUp('f')).toMatchObject({ notices: first.notices });
    expect(till.lookUp('c')).toBeNull();

    bench.server.fault = () => null;
    await till.drain();
    expect(till.status()).toMatchObject({ losses: [], issued: 7 });
    for (const saleId of ['a', 'b', 'c', 'd', 'e']) {
      const { receiptJws, invoice, qrText } = sold.get(saleId) as SaleIssued;
      expect(till.lookUp(saleId)).toMatchObject({
        saleId,
        result: 'issued',
        code: codeOf(saleId),
        receiptJws,
        invoice,
        qrText,
      });
    }
    expect(eventsOf(till, 'journal_fetched')).toMatchObject([
      { detail: expect.stringMatching(/ 5 invoices were fetched back; 0 are not/) as string },
    ]);
    expect(bench.server.paths().filter((path) => path.includes('/journals/'))).toHaveLength(4);
    await till.close();
    expect(verifyJournal(bench.directory)).toMatchObject({ ok: true, invoices: 7, issued: 7, fetched: 5, notes: [] });
    const lines = [...exportJournal(bench.directory)].map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.filter(({ kind }) => kind === 'invoice')).toHaveLength(7);
    expect(lines.filter(({ kind }) => kind === 'loss')).toHaveLength(1);
  });

  it('gives the answer of then to a sale that is asked again, and takes another one for a conflict', async () => {
    await sellAndLose('a', 'b');
    const till = await bench.openTill();
    await till.drain();
    const { invoice } = sold.get('b') as SaleIssued;
    expect(await till.issue('b', draft('b'))).toMatchObject({
      result: 'issued',
      repeated: true,
      code: codeOf('b'),
      invoice,
    });
    expect(await till.issue('b', draft('another'))).toMatchObject({ result: 'sale_id_conflict' });
    expect(bench.server.office.filed.size).toBe(2);
  });

  it('tells of a sale that was asked again before the line was there, and so was signed twice', async () => {
    await sellAndLose('a', 'b');
    bench.server.fault = () => ({ kind: 'reset' });
    const till = await bench.openTill();
    const again = (await till.issue('b', draft('b'))) as SaleStoredOffline;
    bench.server.fault = () => null;
    await till.drain();
    expect(eventsOf(till, 'repeated')).toMatchObject([
      {
        saleId: 'b',
        invoiceId: again.invoiceId,
        detail: expect.stringContaining((sold.get('b') as SaleIssued).invoiceId) as string,
      },
    ]);
    expect(till.lookUp('b')).toMatchObject({ invoiceId: again.invoiceId });
  });

  it('refunds what came back', async () => {
    await sellAndLose('a');
    const till = await bench.openTill();
    await till.drain();
    const refund = await till.issue('back', {
      ...draft('back', { kind: 'refund', reference: { code: codeOf('a') } }),
      lines: [
        { type: 'goods', description: 'Tea light holder', quantity: '-3', unitPrice: '255', taxCategory: 'standard' },
      ],
      payments: [{ method: 'cash', amount: -765 }],
    });
    expect(refund).toMatchObject({ result: 'issued', invoice: { total: -765 } });
    expect(bench.server.paths().some((path) => path.startsWith('/v1/originals'))).toBe(false);
  });

  it('knows what the server does not have, and says so for as long as the file is kept', async () => {
    const till = await bench.openTill();
    await sell(till, 'a', 'b');
    bench.server.fault = () => ({ kind: 'reset' });
    await sell(till, 'offline 1', 'offline 2');
    const image = crashImage(bench);
    await till.close();
    image.putBack();
    rmSync(`${bench.files.journal}-wal`);
    bench.server.fault = () => null;
    const opened = await bench.openTill();
    await opened.drain();
    const loss = { state: 'incomplete', written: 4, fetched: 2, missing: 2 };
    expect(opened.status().losses).toMatchObject([loss]);
    await opened.close();
    expect((await bench.openTill()).status().losses).toMatchObject([loss]);
  });

  it('resumes where a line failed in the middle', async () => {
    await sellAndLose('a', 'b', 'c', 'd', 'e');
    const till = await bench.openTill();
    let pages = 0;
    bench.server.fault = ({ path }) => (path.includes('/journals/') && (pages += 1) === 2 ? { kind: 'cut' } : null);
    await till.drain();
    expect(till.status().losses).toMatchObject([{ state: 'to_fetch', fetched: 2, missing: 3 }]);
    await till.close();
    const opened = await bench.openTill();
    await opened.drain();
    expect(opened.status().losses).toEqual([]);
    const asked = bench.server.paths().filter((path) => path.includes('/journals/'));
    expect(asked.map((path) => path.split('after=')[1])).toEqual(['0', '2', '2', '4']);
  });

  it('does not believe a receipt that an unknown key signed, takes the others, and asks again for that one', async () => {
    await sellAndLose('a', 'b');
    const { office } = bench.server;
    const { invoice, digest, ...filed } = [...office.filed.values()][1]!;
    const signer = office.rotateReceiptKey();
    const receipt = signReceipt(office.receiptFor(invoice, digest, 'issue'), office.receiptKey, signer.kid);
    office.filed.set(invoice.id, { ...filed, invoice, digest, receipt });
    const opened = await bench.openTill();
    await opened.drain();
    expect(opened.status().losses).toMatchObject([
      {
        state: 'to_fetch',
        fetched: 1,
        problem: expect.stringMatching(/counter 2: .*key that the parameters do not list/) as string,
      },
    ]);
    expect(opened.lookUp('b')).toBeNull();
    // The key becomes known: what is asked again is what was not believed.
    office.publish({ trustedKeys: [...office.parameters.trustedKeys, signer] });
    await opened.drain();
    expect(opened.status().losses).toEqual([]);
    expect(opened.lookUp('b')).toMatchObject({ result: 'issued' });
  });

  it.each([
    ['of another invoice', (jws: string, other: string) => other],
    ['that was changed', (jws: string) => `${jws.slice(0, -4)}AAAA`],
    ['that is none', () => 'x'],
  ])('does not believe bytes %s', async (_, change) => {
    await sellAndLose('a', 'b');
    const { filed } = bench.server.office;
    const [a, b] = [...filed.values()];
    filed.set(a!.invoice.id, { ...a!, jws: change(a!.jws, b!.jws) });
    const till = await bench.openTill();
    await till.drain();
    expect(till.status().losses).toMatchObject([
      { state: 'to_fetch', fetched: 1, problem: expect.stringContaining('counter 1: ') as string },
    ]);
    expect(till.lookUp('a')).toBeNull();
    expect(till.lookUp('b')).toMatchObject({ result: 'issued' });
  });

  it('makes no sale wait where much was lost', async () => {
    await sellAndLose('a');
    const mark = new MarkFile(markFileOf(bench.files.journal));
    const { mark: ends } = mark.read() as { mark: Mark };
    mark.write(ends.map((end) => ({ ...end, counter: 501 })));
    mark.close();
    const till = await bench.openTill();
    await till.issue('b', draft('b'));
    expect(bench.server.paths().filter((path) => path.includes('/journals/'))).toEqual([]);
  });

  it('does not believe the receipt of another invoice, however genuine', async () => {
    await sellAndLose('a', 'b');
    const { filed } = bench.server.office;
    const [a, b] = [...filed.values()];
    filed.set(a!.invoice.id, { ...a!, receipt: b!.receipt });
    const till = await bench.openTill();
    await till.drain();
    expect(till.status().losses).toMatchObject([
      { state: 'to_fetch', fetched: 1, problem: expect.stringContaining('of another place') as string },
    ]);
  });

  it('is told by verify that the whole file is gone', async () => {
    const till = await bench.openTill();
    await sell(till, 'a', 'b');
    await till.close();
    rmSync(bench.files.journal);
    expect(() => verifyJournal(bench.directory)).toThrow(/was removed: it had the invoices up to counter 2 of/);
  });

  it('sells on with a server that does not know the call', async () => {
    await sellAndLose('a');
    bench.server.fault = UNKNOWN_CALL;
    const till = await bench.openTill();
    for (const saleId of ['b', 'c'])
      expect(await till.issue(saleId, draft(saleId))).toMatchObject({ result: 'issued' });
    expect(till.status().losses).toMatchObject([
      { state: 'to_fetch', problem: expect.stringContaining('not_found') as string },
    ]);
    // No sale waits for it a second time.
    expect(bench.server.paths().filter((path) => path.includes('/journals/'))).toHaveLength(1);
  });

  it('fetches before the first sale: one that is asked again is not signed twice', async () => {
    await sellAndLose('a', 'b', 'c');
    const till = await bench.openTill();
    const answers = await Promise.all(['c', 'd', 'c'].map((saleId) => till.issue(saleId, draft(saleId))));
    expect(answers).toMatchObject([
      { code: codeOf('c'), repeated: true },
      { result: 'issued', counter: 1 },
      { code: codeOf('c') },
    ]);
    expect(bench.server.office.filed.size).toBe(4);
  });

  it('fetches back what an older copy of the whole folder lacks, too, its mark included', async () => {
    const till = await bench.openTill();
    await sell(till, 'a');
    await till.close();
    const copy = crashImage(bench);
    const newer = await bench.openTill();
    await sell(newer, 'b', 'c');
    await newer.close();
    copy.putBack();
    const older = await bench.openTill();
    expect(older.status().losses).toEqual([]);
    await sell(older, 'd');
    expect(older.status().losses).toMatchObject([{ found: 1, written: 3, noticedBy: 'server', state: 'to_fetch' }]);
    await older.drain();
    expect(older.status().losses).toEqual([]);
    // Both that have counter 2 are here.
    for (const saleId of ['a', 'b', 'c', 'd'])
      expect(older.lookUp(saleId)).toMatchObject({ result: 'issued', saleId, code: codeOf(saleId) });
    await older.close();
    expect(verifyJournal(bench.directory)).toMatchObject({ ok: true, invoices: 4, fetched: 2 });
  });

  it('asks nothing where nothing is lost, and an idle till fetches by itself', async () => {
    await sellAndLose('a');
    const till = await bench.openTill({ pace: { drainMs: 1, returnMs: 0 } });
    await expect.poll(() => till.status().losses, { timeout: 20_000 }).toEqual([]);
    await till.close();
    const asked = bench.server.paths().length;
    const opened = await bench.openTill();
    await opened.drain();
    expect(bench.server.paths()).toHaveLength(asked);
  });

  it('says in its status that the mark was made anew', async () => {
    const mark = markFileOf(bench.files.journal);
    const till = await bench.openTill();
    await sell(till, 'a');
    await till.close();
    expect(readFileSync(mark, 'utf8')).toContain('"counter":1');
    writeFileSync(mark, '');
    expect(verifyJournal(bench.directory)).toMatchObject({
      ok: true,
      notes: [expect.stringContaining('could not be read') as string],
    });
    expect((await bench.openTill()).status()).toMatchObject({ losses: [], mark: { state: 'made_anew' } });
  });
});
