import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  type BillingInterface,
  exportJournal,
  openTill,
  type SaleIssued,
  verifyJournal,
} from '@tax-control/billing-interface';
import { draft, STILL } from '@tax-control/billing-interface/testing';
import {
  type IssueAnswer,
  JOURNAL_PAGE_BYTES_MAX,
  JOURNAL_PAGE_INVOICES_MAX,
  type JournalAnswer,
  type Problem,
} from '@tax-control/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TerminalDirectory } from '../src/registry/terminal-directory.js';
import { openShop, type Shop } from './agent/shop.js';
import { taxTerminal } from './agent/till-process.js';
import { publishParameters, type SignedSale, Till } from './issuance/office.js';
import { type Answer, call } from './support/client.js';
import { makeGround, startTestServer, type TestGround, type TestServer } from './support/server.js';
import { makeTerminal, type TestTerminalOptions } from './support/terminals.js';

describe('GET /v1/journals/{journalId}/invoices', () => {
  let ground: TestGround;
  let server: TestServer;
  beforeAll(async () => {
    ground = await makeGround();
    await publishParameters(ground);
    server = await startTestServer({ ground });
  });
  afterAll(async () => {
    await server.stop();
    await ground.clear();
  });

  async function newTill(options: TestTerminalOptions = {}): Promise<Till> {
    return new Till(await makeTerminal(server, options), new TerminalDirectory(server.superuser));
  }

  const send = (till: Till, { jws }: SignedSale) =>
    call<IssueAnswer & Problem>(server, '/v1/invoices', { terminal: till.terminal, body: { invoice: jws } });

  const ask = (till: Till, query = '', journalId = till.journalId): Promise<Answer<JournalAnswer & Problem>> =>
    call(server, `/v1/journals/${journalId}/invoices${query}`, { terminal: till.terminal });

  async function page(till: Till, query = ''): Promise<JournalAnswer> {
    const answer = await ask(till, query);
    expect(answer.status).toBe(200);
    return answer.json();
  }

  async function everyPage(till: Till, after = '0'): Promise<JournalAnswer[]> {
    const pages: JournalAnswer[] = [];
    for (let next: string | null = after; next !== null;) {
      const one = await page(till, `?after=${next}`);
      pages.push(one);
      ({ next } = one);
    }
    return pages;
  }

  /** As broken software would have them refused: counter and text of each. */
  async function fileRefused(till: Till, refused: readonly (readonly [number, string])[]): Promise<void> {
    await server.superuser.query(
      `INSERT INTO refused_invoice (terminal_id, digest, body, cause, detail, journal_id, counter, door, is_kept_whole)
       SELECT $1, sha256(body::bytea), body::bytea, 'schema_invalid', 'x', $2, counter, 'issue', true
       FROM unnest($3::bigint[], $4::text[]) AS listed(counter, body)`,
      [till.terminalId, till.journalId, refused.map(([counter]) => counter), refused.map(([, body]) => body)],
    );
  }

  async function sell(till: Till, count: number): Promise<{ sales: SignedSale[]; receipts: string[] }> {
    const sales: SignedSale[] = [];
    const receipts: string[] = [];
    for (let number = 0; number < count; number += 1) {
      const sale = till.sign();
      sales.push(sale);
      receipts.push((await send(till, sale)).json().receipt);
    }
    return { sales, receipts };
  }

  it('gives back the bytes and the receipts of then, with the certificate, from the counter on', async () => {
    const till = await newTill();
    const { sales, receipts } = await sell(till, 3);
    const items = sales.map(({ jws }, index) => ({
      counter: index + 1,
      invoice: jws,
      receipt: receipts[index],
      warnings: [],
    }));
    const whole = await page(till);
    expect(whole).toEqual({ invoices: items, certificates: [expect.any(String) as string], next: null });
    expect(await page(till, '?after=2')).toMatchObject({ invoices: items.slice(2), next: null });
    expect(await page(till, '?after=3')).toEqual({ invoices: [], certificates: [], next: null });
  });

  it('gives page after page, none twice and none left out, also where one counter has many', async () => {
    const till = await newTill();
    const count = JOURNAL_PAGE_INVOICES_MAX + 3;
    await send(till, till.sign());
    await fileRefused(
      till,
      Array.from({ length: count }, (_, index) => [2, String(index)]),
    );
    const pages = await everyPage(till);
    expect(pages.map(({ invoices }) => invoices.length)).toEqual([JOURNAL_PAGE_INVOICES_MAX, 4]);
    const texts = pages.flatMap(({ invoices }) => invoices.map(({ invoice }) => invoice));
    expect(new Set(texts).size).toBe(count + 1);
  });

  it('keeps a page within its bytes, and gives alone what is longer', async () => {
    const till = await newTill();
    const sizes = [0.4, 0.4, 0.4, 1.2, 0.1].map((share) => share * JOURNAL_PAGE_BYTES_MAX);
    await fileRefused(
      till,
      sizes.map((size, index) => [index + 1, String(index).repeat(size)]),
    );
    const pages = await everyPage(till);
    expect(pages.map(({ invoices }) => invoices.map(({ counter }) => counter))).toEqual([[1, 2], [3], [4], [5]]);
  });

  it('tells what was refused with its problem, and what retention has removed without content', async () => {
    const till = await newTill();
    const { sales } = await sell(till, 2);
    const refused = till.sign({ total: 1 });
    expect((await send(till, refused)).json()).toMatchObject({ retry: 'never' });
    await server.superuser.query(
      'DELETE FROM content WHERE sequence = (SELECT sequence FROM ledger WHERE invoice_id = $1)',
      [sales[0]!.invoice.id],
    );
    const { invoices } = await page(till);
    expect(invoices).toMatchObject([
      { counter: 1, invoice: null, receipt: expect.any(String) as string },
      { counter: 2, invoice: sales[1]!.jws },
      { counter: 3, invoice: refused.jws, problem: { code: expect.any(String) as string } },
    ]);
  });

  it('shows nobody the journal of another till', async () => {
    const [till, other] = [await newTill(), await newTill()];
    await sell(till, 1);
    expect((await ask(other, '', till.journalId)).json()).toEqual({ invoices: [], certificates: [], next: null });
  });

  it.each(['-1', '1.5', '01', 'x', '1-2-3', '1-0', '1-0-0', '99999999999999999', '', "0'%3B--", '%00'])(
    'answers malformed_request to after=%s',
    async (after) => {
      expect((await ask(await newTill(), `?after=${after}`)).json()).toMatchObject({ code: 'malformed_request' });
    },
  );

  it.each(['x', '%E2%80%AE', 'A0B0F6C0-54D8-4A4B-9C56-0A6A3F1D2C11'])(
    'has nothing of a journal %s',
    async (journalId) => {
      expect((await ask(await newTill(), '', journalId)).json()).toEqual({
        invoices: [],
        certificates: [],
        next: null,
      });
    },
  );

  it('admits suspended tills, and no revoked ones', async () => {
    expect((await ask(await newTill({ status: 'suspended' }))).status).toBe(200);
    expect((await ask(await newTill({ status: 'revoked' }))).json()).toMatchObject({ code: 'terminal_revoked' });
  });

  it('met no bug on the way', () => {
    expect(server.logLines.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('a till whose disk was lost, with the real server', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop.close());

  const open = (directory: string): Promise<BillingInterface> =>
    openTill({ directory, software: { name: 'Till under test', version: '1.0.0' }, pace: STILL });

  it('has its invoices again, by the commands too, and nobody has to do anything for it', async () => {
    const directory = await shop.addTill('till-1');
    const till = await open(directory);
    const sales: SaleIssued[] = [];
    for (let number = 1; number <= JOURNAL_PAGE_INVOICES_MAX + 2; number += 1)
      sales.push((await till.issue(`sale ${number}`, draft(`R-${number}`))) as SaleIssued);
    const { journalId } = till.status();
    await till.close();
    rmSync(join(directory, 'journal.sqlite'));

    const status = async () => {
      const { out } = await taxTerminal(['status', '--directory', directory]);
      return out;
    };
    expect(await status()).toContain(`The journal ${journalId} has no invoices, and it had written ${sales.length}`);
    expect((await taxTerminal(['verify', '--directory', directory])).status).toBe(1);
    const drained = await taxTerminal(['drain', '--directory', directory, '--json']);
    expect(drained.status).toBe(0);
    expect(await status()).not.toContain('lost');
    const verified = await taxTerminal(['verify', '--directory', directory]);
    expect([verified.status, verified.err]).toEqual([0, '']);
    expect(verifyJournal(directory)).toMatchObject({ ok: true, fetched: sales.length });

    const opened = await open(directory);
    for (const { saleId, code, receiptJws, invoice } of [sales[0]!, sales.at(-1)!])
      expect(opened.lookUp(saleId)).toMatchObject({ result: 'issued', code, receiptJws, invoice });
    expect(await opened.issue('sale 7', draft('R-7'))).toMatchObject({ repeated: true, code: sales[6]!.code });
    const { terminalId, invoiceId } = sales[0]!;
    const line = {
      type: 'goods',
      description: 'Tea light holder',
      quantity: '-3',
      unitPrice: '255',
      taxCategory: 'standard',
    } as const;
    const refund = await opened.issue('back', {
      ...draft('back', { kind: 'refund', reference: { terminalId, invoiceId } }),
      lines: [line],
      payments: [{ method: 'cash', amount: -765 }],
    });
    expect(refund).toMatchObject({ result: 'issued', warnings: [], counter: 1 });
    await opened.close();
  });

  it('has the receipt alone of what the server keeps without its content', async () => {
    const directory = await shop.addTill('till-3');
    const till = await open(directory);
    const a = (await till.issue('a', draft('a'))) as SaleIssued;
    const b = (await till.issue('b', draft('b'))) as SaleIssued;
    await till.close();
    await shop.server.superuser.query(
      'DELETE FROM content WHERE sequence = (SELECT sequence FROM ledger WHERE invoice_id = $1)',
      [a.invoiceId],
    );
    rmSync(join(directory, 'journal.sqlite'));
    const opened = await open(directory);
    await opened.drain();
    expect(opened.status().losses).toEqual([]);
    expect(opened.feed(0).find(({ kind }) => kind === 'journal_fetched')?.detail).toMatch(
      /1 invoices were fetched back, 1 without their content; 0 are not/,
    );
    expect(opened.lookUp('a')).toBeNull();
    expect(opened.lookUp('b')).toMatchObject({ code: b.code });
    await opened.close();
    const exported = [...exportJournal(directory)].map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(exported.find(({ code }) => code === a.code)).toMatchObject({ invoice: null, receipt: a.receiptJws });
  });

  it('has back what an older copy of its whole folder lacks', async () => {
    const directory = await shop.addTill('till-2');
    const copy = `${directory}-copy`;
    const till = await open(directory);
    await till.issue('a', draft('a'));
    await till.close();
    cpSync(directory, copy, { recursive: true });
    const newer = await open(directory);
    const b = (await newer.issue('b', draft('b'))) as SaleIssued;
    await newer.issue('c', draft('c'));
    await newer.close();
    rmSync(directory, { recursive: true });
    cpSync(copy, directory, { recursive: true });
    const older = await open(directory);
    const d = (await older.issue('d', draft('d'))) as SaleIssued;
    expect(d.warnings.map(({ code }) => code)).toEqual(['counter_fork']);
    expect(older.status().losses).toMatchObject([{ noticedBy: 'server', found: 1, written: 3 }]);
    await older.drain();
    expect(older.status().losses).toEqual([]);
    expect(older.lookUp('b')).toMatchObject({ result: 'issued', code: b.code });
    expect(await older.issue('e', draft('e'))).toMatchObject({
      counter: 1,
      notices: [expect.stringContaining('an older copy of the till’s folder was put back') as string],
    });
    await older.close();
    expect(verifyJournal(directory)).toMatchObject({ ok: true, fetched: 2 });
  });
});
