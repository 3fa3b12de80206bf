import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { INVOICE_CHECKS, type InvoiceRow, type InvoiceView, type Page } from '@tax-control/protocol/console';
import type { Till } from '../issuance/office.js';
import { signIn, type TestBrowser } from '../support/officials.js';
import { aroundNow, type ConsoleGround, openConsoleGround, trailOf } from './ground.js';

const SEARCHES = '/v1/console/invoices/searches';
const VIEWS = '/v1/console/invoices/views';
const reason = 'complaint 17 of a customer';

let ground: ConsoleGround;
let north: Till;
let south: Till;
let browser: TestBrowser;
let sales: Awaited<ReturnType<ConsoleGround['sell']>>[];

beforeAll(async () => {
  ground = await openConsoleGround();
  north = await ground.till({ taxpayerId: 'chain-n', region: 'North' });
  south = await ground.till({ taxpayerId: 'chain-s', region: 'South' });
  sales = [
    await ground.sell(north, { number: '=1+1' }),
    await ground.sell(north),
    await ground.sell(south, { number: 'S-1' }),
    await ground.sell(north),
  ];
  browser = await signIn(ground.server);
});
afterAll(() => ground.close());

async function search(by: TestBrowser, body: object): Promise<Page<InvoiceRow>> {
  const answer = await by.post<Page<InvoiceRow>>(SEARCHES, { reason, ...body });
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.json();
}

describe('looking for invoices', () => {
  it.each([
    [
      'its code',
      () => ({
        code: codeOf(0)
          .replaceAll(/(\d{5})/g, '$1 ')
          .trim(),
      }),
      [0],
    ],
    ['its id', () => ({ invoiceId: sales[1]!.invoice.id }), [1]],
    ['its number and time', () => ({ number: 'S-1', ...aroundNow() }), [2]],
    ['its number in other letters', () => ({ number: ' ｓ -\u00A01', ...aroundNow() }), [2]],
    [
      'amount, currency and time',
      () => ({
        totalFrom: sales[0]!.invoice.total,
        totalTo: sales[0]!.invoice.total,
        currency: sales[0]!.invoice.currency,
        ...aroundNow(),
      }),
      [3, 2, 1, 0],
    ],
    ['a terminal', () => ({ terminalId: north.terminalId, ...aroundNow() }), [3, 1, 0]],
    [
      'premises of another',
      () => ({ premisesId: north.terminal.premisesId, terminalId: south.terminalId, ...aroundNow() }),
      [],
    ],
    ['a time in which nothing was sold', () => ({ from: '2001-01-01T00:00:00Z', to: '2001-01-02T00:00:00Z' }), []],
    ['SQL in a number', () => ({ number: `' OR 1=1 --`, ...aroundNow() }), []],
    ['a code that is mistyped', () => ({ code: '90000000000100000000' }), []],
  ])('by %s', async (_name, body, expected) => {
    const { items } = await search(browser, body());
    const found = items.map(({ invoiceId }) => sales.findIndex(({ invoice }) => invoice.id === invoiceId));
    expect(new Set(found)).toEqual(new Set(expected));
  });

  it('pages, the latest sale first, and says whether there is more', async () => {
    const first = await search(browser, { ...aroundNow(), pageSize: 3 });
    const second = await search(browser, { ...aroundNow(), pageSize: 3, page: 2 });
    expect([first.items.length, first.more, second.items.length, second.more]).toEqual([3, true, 1, false]);
    expect(new Set([...first.items, ...second.items].map(({ code }) => code)).size).toBe(4);
  });

  it('shows nothing of what lies outside of the view', async () => {
    const limited = await signIn(ground.server, { view: { kind: 'regions', regions: ['South'] } });
    expect((await search(limited, aroundNow())).items.map(({ number }) => number)).toEqual(['S-1']);
    expect((await search(limited, { code: codeOf(0) })).items).toEqual([]);
    const view = await limited.post(VIEWS, { reason, terminalId: north.terminalId, invoiceId: sales[0]!.invoice.id });
    expect([view.status, view.json()['code']]).toEqual([404, 'not_on_file']);
    const nobody = await signIn(ground.server, { view: { kind: 'taxpayers', taxpayerIds: ['nobody'] } });
    expect((await search(nobody, aroundNow())).items).toEqual([]);
  });

  it.each([
    ['no reason', { ...aroundNow(), reason: undefined }, 'invalid_request'],
    ['a reason of one letter', { ...aroundNow(), reason: 'x' }, 'invalid_request'],
    ['neither an invoice nor a time', { number: '1' }, 'search_empty'],
    ['from after to', { from: aroundNow().to, to: aroundNow().from }, 'period_backwards'],
    ['500 years', { from: '1900-01-01T00:00:00Z', to: '2400-01-01T00:00:00Z' }, 'period_too_long'],
    ['page 10^9', { ...aroundNow(), page: 1e9 }, 'page_out_of_reach'],
    ['a page of a million rows', { ...aroundNow(), pageSize: 1e6 }, 'page_out_of_reach'],
    ['an unknown member', { ...aroundNow(), premises: 'x' }, 'invalid_request'],
    ['an amount as text', { ...aroundNow(), totalFrom: '1' }, 'invalid_request'],
    ['NUL in a number', { ...aroundNow(), number: 'a\u0000b' }, 'invalid_request'],
  ])('refuses %s', async (_name, body, code) => {
    const answer = await browser.post(SEARCHES, { reason, ...body });
    expect([answer.status, answer.json()['code']]).toEqual([400, code]);
    expect(answer.text).not.toContain('1=1');
  });

  it('writes CSV in which no number is a formula', async () => {
    const answer = await browser.call(`${SEARCHES}?format=csv`, { body: { reason, ...aroundNow() } });
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8; header=present');
    expect(answer.headers['content-disposition']).toBe('attachment; filename="invoices.csv"');
    const rows = parse(answer.text, { columns: true, bom: true, record_delimiter: '\r\n' }) as Record<string, string>[];
    expect(rows.map(({ number }) => number)).toContain("'=1+1");
    expect(rows.map(({ code }) => code?.replaceAll(' ', ''))).toContain(codeOf(0));
    expect(answer.text.startsWith('\u{FEFF}code,')).toBe(true);
  });

  it('leaves each look in the audit trail, with its reason', async () => {
    const watched = await signIn(ground.server);
    await search(watched, { code: codeOf(0) });
    await watched.post(VIEWS, { reason: 'second look', terminalId: north.terminalId, invoiceId: sales[0]!.invoice.id });
    await watched.call(`${SEARCHES}?format=csv`, { body: { reason, ...aroundNow() } });
    expect(await trailOf(ground.ground, watched.name)).toEqual([
      ['invoices.searched', null, reason],
      ['invoice.viewed', `${north.terminalId}/${sales[0]!.invoice.id}`, 'second look'],
      ['invoices.searched', null, reason],
      ['csv.exported', 'invoices', null],
    ]);
  });

  it('needs a session and its token', async () => {
    const anybody = await browser.call(SEARCHES, { body: { reason, ...aroundNow() }, headers: { cookie: '' } });
    expect([anybody.status, anybody.json()['code']]).toEqual([401, 'sign_in_required']);
    const foreign = await browser.call(SEARCHES, { body: { reason, ...aroundNow() }, headers: { 'csrf-token': 'x' } });
    expect([foreign.status, foreign.json()['code']]).toEqual([403, 'csrf_refused']);
  });
});

describe('looking at one invoice', () => {
  async function view(till: Till, invoiceId: string): Promise<InvoiceView> {
    const answer = await browser.post<InvoiceView>(VIEWS, { reason, terminalId: till.terminalId, invoiceId });
    if (answer.status !== 200) throw new Error(answer.text);
    return answer.json();
  }
  const results = (shown: InvoiceView): Record<string, string> =>
    Object.fromEntries(shown.checks.map(({ check, result }) => [check, result]));

  it('shows the signed bytes as they were sent, and every check holds', async () => {
    const shown = await view(north, sales[1]!.invoice.id);
    expect(shown.signed).toBe(sales[1]!.jws);
    expect(shown.payload).toEqual(sales[1]!.invoice);
    expect(JSON.parse(shown.payloadText ?? '')).toEqual(sales[1]!.invoice);
    expect(shown.signerCertificate).toContain('BEGIN CERTIFICATE');
    expect(shown.checks.map(({ check }) => check)).toEqual([...INVOICE_CHECKS]);
    expect(new Set(Object.values(results(shown)))).toEqual(new Set(['holds']));
  });

  it('does not know what stands behind the last one', async () => {
    expect(results(await view(north, sales[3]!.invoice.id))).toMatchObject({
      next_digest: 'unknown',
      previous_digest: 'holds',
    });
  });

  it('finds a chain that is broken', async () => {
    const till = await ground.till({ taxpayerId: 'chain-b' });
    const first = await ground.sell(till);
    const second = await ground.sell(till, { previousDigest: 'B'.repeat(43).replace(/.$/, 'A') });
    expect(results(await view(till, first.invoice.id))['next_digest']).toBe('fails');
    expect(results(await view(till, second.invoice.id))['previous_digest']).toBe('fails');
  });

  it('tells of a warning what its sentence names, so that it can be said in any language', async () => {
    const till = await ground.till({ taxpayerId: 'chain-w' });
    const explanation = String.raw`"no power", {issuedAt} \u0041 \\ ',NULL '停电' é`;
    const odd = await ground.sell(till, {
      number: 'W "1"',
      enteredLater: { at: new Date().toISOString(), reason: explanation },
    });
    const twin = await ground.sell(till, { number: 'W "1"' });
    const { issuedAt, enteredLater } = odd.invoice;
    expect((await view(till, odd.invoice.id)).warningList).toEqual([
      {
        code: 'entered_later',
        detail: `Sold at ${issuedAt}, entered at ${enteredLater?.at}: ${explanation}`,
        facts: { issuedAt, enteredAt: enteredLater?.at, explanation },
      },
    ]);
    const { code: otherCode } = await view(till, odd.invoice.id);
    const year = odd.invoice.businessDay.slice(0, 4);
    expect((await view(till, twin.invoice.id)).warningList).toMatchObject([
      { code: 'number_used_before', facts: { number: 'W "1"', otherCode, year } },
    ]);
  });

  it('tells of a warning that an earlier version stored its sentence alone', async () => {
    const till = await ground.till({ taxpayerId: 'chain-v' });
    const { invoice } = await ground.sell(till);
    await ground.ground.superuser.query(
      `INSERT INTO invoice_warning (sequence, warning, detail)
       SELECT sequence, 'negative_sale', '-5 GBP, in the smallest unit.' FROM ledger WHERE invoice_id = $1`,
      [invoice.id],
    );
    expect((await view(till, invoice.id)).warningList).toEqual([
      { code: 'negative_sale', detail: '-5 GBP, in the smallest unit.', facts: {} },
    ]);
  });

  it('names the one that corrects it', async () => {
    const till = await ground.till({ taxpayerId: 'chain-c' });
    const wrong = await ground.sell(till);
    const right = await ground.sell(till, {
      supersedes: { terminalId: till.terminalId, invoiceId: wrong.invoice.id },
    });
    expect((await view(till, wrong.invoice.id)).related).toMatchObject([
      { relation: 'superseded_by', invoiceId: right.invoice.id },
    ]);
    expect((await view(till, right.invoice.id)).related).toMatchObject([
      { relation: 'supersedes', invoiceId: wrong.invoice.id },
    ]);
  });

  it('names refunds of it, within the view', async () => {
    const till = await ground.till({ taxpayerId: 'chain-r' });
    const sale = await ground.sell(till);
    const refund = await ground.sell(till, {
      kind: 'refund',
      reference: { terminalId: till.terminalId, invoiceId: sale.invoice.id },
    });
    expect((await view(till, sale.invoice.id)).related).toMatchObject([
      { relation: 'referred_to_by', invoiceId: refund.invoice.id },
    ]);
    expect((await view(till, refund.invoice.id)).related).toMatchObject([
      { relation: 'refers_to', invoiceId: sale.invoice.id },
    ]);
  });

  it.each([
    [
      'the total in the ledger',
      `UPDATE ledger SET total = total + 1 WHERE invoice_id = $1`,
      ['ledger_agrees', 'receipt_signature', 'code_mac'],
    ],
    [
      'the stored signature',
      `UPDATE content SET signature = decode(repeat('11', 64), 'hex') WHERE sequence = (SELECT sequence FROM ledger WHERE invoice_id = $1)`,
      ['signature'],
    ],
    [
      'the stored payload',
      `UPDATE content SET payload = convert_to(replace(convert_from(payload, 'UTF8'), '"type":"normal"', '"type":"copy"'), 'UTF8') WHERE sequence = (SELECT sequence FROM ledger WHERE invoice_id = $1)`,
      ['signature', 'content_digest', 'ledger_agrees'],
    ],
    [
      'the receipt’s signature',
      `UPDATE ledger SET receipt_signature = decode(repeat('11', 64), 'hex') WHERE invoice_id = $1`,
      ['receipt_signature'],
    ],
    [
      'the code’s last digits',
      `UPDATE ledger SET code = left(code, 18) || CASE right(code, 2) WHEN '02' THEN '03' ELSE '02' END WHERE invoice_id = $1`,
      ['receipt_signature', 'code_check_digits'],
    ],
  ])('sees that somebody changed %s', async (_name, sql, failing) => {
    const till = await ground.till({ taxpayerId: 'forged' });
    const { invoice } = await ground.sell(till);
    await ground.ground.superuser.query(sql, [invoice.id]);
    const failed = (await view(till, invoice.id)).checks.filter(({ result }) => result === 'fails');
    expect(failed.map(({ check }) => check)).toEqual(failing);
    // No English sentence of the reader of receipts among the facts: the console says each reason in its language.
    const ofReceipt = failed.filter(({ check }) => check === 'receipt_signature');
    for (const check of ofReceipt) expect(check).toMatchObject({ reason: 'receipt_signature_does_not_fit', facts: [] });
  });

  it('says what cannot be told once the bytes are lost', async () => {
    const till = await ground.till({ taxpayerId: 'old' });
    const { invoice } = await ground.sell(till);
    await ground.ground.superuser.query(
      'DELETE FROM content WHERE sequence = (SELECT sequence FROM ledger WHERE invoice_id = $1)',
      [invoice.id],
    );
    const shown = await view(till, invoice.id);
    expect([shown.signed, shown.payload]).toEqual([null, null]);
    expect(results(shown)).toMatchObject({
      signature: 'unknown',
      content_digest: 'fails',
      receipt_signature: 'holds',
      code_mac: 'holds',
    });
  });
});

describe('what was refused', () => {
  it('is listed with its cause, within the view', async () => {
    const [header, payload] = north.sign().jws.split('.');
    expect(await ground.send(north, `${header}.${payload}.${'A'.repeat(86)}`)).toBe(422);
    const wrong = north.sign({ ['a"\\\u0000é']: 1 } as object);
    expect(await ground.send(north, wrong.jws)).toBe(422);
    expect(await ground.send(north, north.sign({ total: 1 }).jws)).toBe(422);
    const path = `/v1/console/refused-invoices?${new URLSearchParams(aroundNow()).toString()}`;
    const rows = (await browser.get<Page<Record<string, unknown>>>(path)).json().items;
    expect(rows).toMatchObject([
      { cause: 'total_arithmetic', pointers: ['/total'] },
      { cause: 'text_not_allowed', pointers: ['/a"\\\u{FFFD}é'] },
      { terminalId: north.terminalId, cause: 'signature_invalid', region: 'North', pointers: [] },
    ]);
    const limited = await signIn(ground.server, { view: { kind: 'regions', regions: ['South'] } });
    expect((await limited.get<Page<unknown>>(path)).json().items).toEqual([]);
  });
});

function codeOf(index: number): string {
  const { answer } = sales[index]!;
  if (!('receipt' in answer)) throw new Error('no receipt');
  return (JSON.parse(Buffer.from(answer.receipt.split('.')[1]!, 'base64url').toString()) as { code: string }).code;
}
