import {
  type BillingInterface,
  type InvoiceDraft,
  openTill,
  type SaleIssued,
  type SaleStoredOffline,
  systemClock,
} from '@tax-control/billing-interface';
import { draft, STILL } from '@tax-control/billing-interface/testing';
import { checkDigits, type IssueAnswer, type OriginalAnswer, type Problem, uuidV7 } from '@tax-control/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TerminalDirectory } from '../src/registry/terminal-directory.js';
import { openShop, type Shop } from './agent/shop.js';
import { publishParameters, receiptOf, type SignedSale, Till } from './issuance/office.js';
import { type Answer, call } from './support/client.js';
import { makeGround, startTestServer, type TestGround, type TestServer } from './support/server.js';
import { makeTerminal, type TestTerminalOptions } from './support/terminals.js';

describe('GET /v1/originals', () => {
  let ground: TestGround;
  let server: TestServer;
  let writer: Till;
  let neighbour: Till;
  let stranger: Till;
  beforeAll(async () => {
    ground = await makeGround();
    await publishParameters(ground);
    server = await startTestServer({ ground });
    [writer, neighbour, stranger] = await Promise.all([newTill(), newTill(), newTill({ taxpayerId: 'taxpayer-2' })]);
  });
  afterAll(async () => {
    await server.stop();
    await ground.clear();
  });

  async function newTill(options: TestTerminalOptions = {}): Promise<Till> {
    return new Till(await makeTerminal(server, options), new TerminalDirectory(server.superuser));
  }

  /** A sale of two categories, issued; with the addresses under which it is an original. */
  async function sell(till = writer, signed: SignedSale = till.sign()): Promise<{ sale: SignedSale; paths: string[] }> {
    const body = { invoice: signed.jws };
    const answer = (await call<IssueAnswer>(server, '/v1/invoices', { terminal: till.terminal, body })).json();
    const { code, terminalId, invoiceId } = receiptOf(answer);
    return { sale: signed, paths: [`/v1/originals/${code}`, `/v1/originals/${terminalId}/${invoiceId}`] };
  }

  const ask = (path: string, { terminal } = neighbour): Promise<Answer<OriginalAnswer & Problem>> =>
    call(server, path, { terminal });

  it('tells every till of the taxpayer rates, currency and business day, and nothing else', async () => {
    const buyer = { name: 'Ann Example', taxId: 'GB123', address: '1 Main Street' };
    const { sale, paths } = await sell(writer, writer.sign({ buyer }));
    const taxes = [
      { category: 'reduced', rate: '5' },
      { category: 'standard', rate: '20' },
    ];
    for (const till of [neighbour, writer])
      for (const path of paths) {
        const answer = await ask(path, till);
        expect([answer.status, answer.json()]).toEqual([
          200,
          { taxes, currency: 'GBP', businessDay: sale.invoice.businessDay },
        ]);
      }
  });

  it('takes a code with the blanks and hyphens with which people type it', async () => {
    const { paths } = await sell();
    const code = paths[0]?.split('/').at(-1) ?? '';
    const groups = code.match(/.{5}/g) ?? [];
    for (const typed of [groups.join('%20'), groups.join('-')])
      expect((await ask(`/v1/originals/${typed}`)).json()).toMatchObject({ currency: 'GBP' });
  });

  it('does not tell another taxpayer’s till whether an original is on file', async () => {
    const { paths } = await sell();
    const nowhere = [`/v1/originals/${codeOf('900000000001', '000000')}`, `/v1/originals/till-9/${uuidV7(Date.now())}`];
    const answers = await Promise.all([...paths, ...nowhere].map((path) => ask(path, stranger)));
    const withoutIds = answers.map((answer) => ({ ...answer.json(), requestId: null }));
    expect(withoutIds[0]).toMatchObject({ code: 'invoice_unknown', status: 404, retry: 'later' });
    expect(new Set(withoutIds.map((body) => JSON.stringify(body))).size).toBe(1);
  });

  const codeOf = (sequence: string, mac: string): string => sequence + mac + checkDigits(sequence + mac);

  it('does not know the code of another installation, with the sequence of one on file', async () => {
    const { paths } = await sell();
    const sequence = paths[0]?.split('/').at(-1)?.slice(0, 12) ?? '';
    const others = ['000000', '123456', '999999'].map((mac) => `/v1/originals/${codeOf(sequence, mac)}`);
    const foreign = others.filter((path) => path !== paths[0]);
    for (const path of foreign) expect((await ask(path)).json()).toMatchObject({ code: 'invoice_unknown' });
  });

  const UUID = '01a22b43-4247-7d29-a22d-847aa1ae4ae7';

  it.each([
    ['invoice_unknown', 'x'],
    ['invoice_unknown', '90000000000001324384'],
    ['invoice_unknown', '9'.repeat(40)],
    ['invoice_unknown', UUID],
    ['invoice_unknown', '%E2%80%AE'],
    ['invoice_unknown', "'%3B--"],
    ['invoice_unknown', 'till-1/not-a-uuid'],
    ['invoice_unknown', `till-1/${UUID}`],
    ['invoice_unknown', `till-1/${UUID.toUpperCase()}`],
    ['invoice_unknown', `..%2F..%2Fetc/${UUID}`],
    ['malformed_request', '%00'],
    ['malformed_request', 'till-1/%00'],
    ['malformed_request', `%00/${UUID}`],
    ['not_found', '%ED%A0%80'],
    ['not_found', '%FF/x'],
    ['not_found', '%'],
    ['not_found', `till-1/${UUID}/x`],
    ['not_found', ''],
  ])('answers %s to %j', async (code, name) => {
    expect((await ask(`/v1/originals/${name}`)).json()).toMatchObject({ code });
  });

  it('still knows the rates where the content is no longer kept, or no row stands beside the ledger', async () => {
    const { paths } = await sell();
    const { paths: ofOlder } = await sell();
    const before = (await ask(paths[0]!)).json();
    const idOf = ([, path = '']: string[]) => path.split('/').at(-1);
    const remove = (table: string, id: string | undefined) =>
      server.superuser.query(
        `DELETE FROM ${table} WHERE sequence = (SELECT sequence FROM ledger WHERE invoice_id = $1)`,
        [id],
      );
    expect((await remove('content', idOf(paths))).rowCount).toBe(1);
    expect((await remove('ledger_tax', idOf(ofOlder))).rowCount).toBe(2);
    for (const path of paths) expect((await ask(path)).json()).toEqual(before);
    for (const path of ofOlder) {
      const { taxes } = (await ask(path)).json();
      expect(taxes.toSorted((a, b) => a.category.localeCompare(b.category))).toEqual(before.taxes);
    }
    await remove('ledger_tax', idOf(paths));
    expect((await ask(paths[0]!)).json()).toMatchObject({ code: 'invoice_unknown' });
  });

  it('answers suspended tills, no revoked ones and nobody without a certificate', async () => {
    const { paths } = await sell();
    expect((await ask(paths[0]!, await newTill({ status: 'suspended' }))).status).toBe(200);
    expect((await ask(paths[0]!, await newTill({ status: 'revoked' }))).json()).toMatchObject({
      code: 'terminal_revoked',
    });
    expect((await call<Problem>(server, paths[0]!)).json()).toMatchObject({ code: 'certificate_missing' });
  });

  it('lets a till that asks without end wait, as at every route', async () => {
    const strict = await startTestServer({ ground, environment: { TERMINAL_REQUESTS_PER_SECOND_MAX: '1' } });
    const codeFor = async ({ terminal }: Till) =>
      (await call<Problem>(strict, '/v1/originals/x', { terminal })).json().code;
    const wild = await newTill();
    const codes = new Set(await Promise.all(Array.from({ length: 40 }, () => codeFor(wild))));
    expect([...codes].sort()).toEqual(['invoice_unknown', 'server_busy']);
    expect(await codeFor(neighbour)).toBe('invoice_unknown');
    await strict.stop();
  });

  it('met no bug on the way', () => {
    expect(server.logLines.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('a refund at another till after a change of rate', () => {
  const DAY_MS = 86_400_000;
  let shop: Shop;
  let first: BillingInterface;
  beforeAll(async () => {
    shop = await openShop();
    for (const category of ['lamps', 'books']) await addRate(category, '16', '2020-01-01');
    first = await open('till-1');
  });
  afterAll(async () => {
    await first.close();
    await shop.close();
  });

  const addRate = (category: string, rate: string, from: string) =>
    shop.control('tax-rate', 'add', category, '--rate', rate, '--from', from);

  /** A till that is enrolled now, and knows the rates of now. */
  async function open(terminalId: string, clock = systemClock): Promise<BillingInterface> {
    const directory = await shop.addTill(terminalId);
    return openTill({ directory, software: { name: 'Till under test', version: '1.0.0' }, pace: STILL, clock });
  }

  /** 116.00, sold or given back. */
  function lamp(taxCategory: string, change: Partial<InvoiceDraft> = {}): InvoiceDraft {
    const sign = change.kind === undefined ? 1 : -1;
    const line = { type: 'goods', description: 'Lamp', quantity: String(sign), unitPrice: '11600' } as const;
    return draft(uuidV7(Date.now()), {
      lines: [{ ...line, taxCategory }],
      payments: [{ method: 'cash', amount: sign * 11_600 }],
      ...change,
    });
  }
  const taxesOf = ({ invoice }: SaleIssued | SaleStoredOffline) =>
    invoice.taxes.map(({ rate, amount }) => [rate, amount]);

  it.each(['refund', 'void'] as const)(
    '(%s) gives the tax back that was paid, and the server warns of nothing',
    async (kind) => {
      const sales = await Promise.all([0, 1].map((number) => first.issue(`${kind} ${number}`, lamp('lamps'))));
      const [byIdentity, byCode] = sales as [SaleIssued, SaleIssued];
      expect(taxesOf(byIdentity)).toEqual([['16', 1_600]]);
      // It changes on the day of the sale itself: only the original tells which rate it had.
      if (kind === 'refund') await addRate('lamps', '20', byIdentity.invoice.businessDay);
      const second = await open(`till-${kind}`);
      const { terminalId, invoiceId } = byIdentity;
      for (const reference of [{ terminalId, invoiceId }, { code: byCode.code }]) {
        const back = (await second.issue(JSON.stringify(reference), lamp('lamps', { kind, reference }))) as SaleIssued;
        expect([back.result, taxesOf(back), back.warnings, back.notices]).toEqual([
          'issued',
          [['16', -1_600]],
          [],
          undefined,
        ]);
      }
      const sold = (await second.issue('sold', lamp('lamps'))) as SaleIssued;
      expect(taxesOf(sold)).toEqual([['20', 1_933]]);
      await second.close();
    },
  );

  it('without a line gives back by the day in the original’s id', async () => {
    const { terminalId, invoiceId, invoice } = (await first.issue('book', lamp('books'))) as SaleIssued;
    const change = new Date(Date.parse(invoice.businessDay) + 2 * DAY_MS).toISOString().slice(0, 'YYYY-MM-DD'.length);
    await addRate('books', '20', change);
    const later = await open('till-later', { ...systemClock, now: () => Date.now() + 4 * DAY_MS });
    shop.line.cut();
    const sold = (await later.issue('sold', lamp('books'))) as SaleStoredOffline;
    const reference = { terminalId, invoiceId };
    const back = (await later.issue('back', lamp('books', { kind: 'refund', reference }))) as SaleStoredOffline;
    shop.line.mend();
    expect([sold.result, taxesOf(sold)]).toEqual(['stored_offline', [['20', 1_933]]]);
    expect([back.result, taxesOf(back)]).toEqual(['stored_offline', [['16', -1_600]]]);
    expect(back.notices).toEqual([expect.stringContaining('did not tell the tax rates of the original') as string]);
    expect(await later.drain()).toMatchObject({ issued: 2, stillWaiting: 0 });
    const { warnings } = later.lookUp('back') as SaleIssued;
    expect(warnings.map(({ code }) => code)).not.toContain('rate_not_of_original');
    await later.close();
  });
});
