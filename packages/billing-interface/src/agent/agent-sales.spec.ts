import { problem } from '@tax-control/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SaleErrorCode } from '../api.js';
import { sampleIssued } from '../testing/samples.js';
import { type AgentFixture, sampleDraft, startFixture, TOKEN } from '../testing/agent-fixture.js';
import type { MemoryTill } from '../testing/memory-till.js';

let fixture: AgentFixture;
let till: MemoryTill;

beforeAll(async () => {
  fixture = await startFixture();
  till = fixture.tills.get('till-1')!;
});
afterAll(() => fixture.end());

const sale = (saleId: string, rest = ''): string => `/v1/terminals/till-1/sales/${saleId}${rest}`;

describe('POST …/sales/{saleId}', () => {
  it('answers 200 with the code', async () => {
    const answer = await fixture.post(sale('a'), sampleDraft);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ result: 'issued', saleId: 'a', code: '00000000123456789056' });
    expect(till.issuedDrafts.at(-1)).toEqual(sampleDraft);
  });

  it('adds the receipt’s text when it is asked for', async () => {
    const answer = await fixture.post(sale('b', '?receipt=32&language=zh-CN'), sampleDraft);
    const { receiptText } = (await answer.json()) as { receiptText: string };
    expect(receiptText).toContain('税控码');
  });

  it('answers 202 while the code is pending', async () => {
    till.answers.set('offline', (saleId) => till.storedOffline(saleId));
    const answer = await fixture.post(sale('offline'), sampleDraft);
    expect(answer.status).toBe(202);
    expect(await answer.json()).toMatchObject({ result: 'stored_offline', cause: 'connection_refused' });
  });

  it.each([
    ['limit_reached', 409],
    ['sale_id_conflict', 409],
    ['not_permitted', 403],
    ['journal_unavailable', 503],
    ['invalid', 422],
  ] satisfies [SaleErrorCode, number][])('answers %s as a problem with status %d', async (result, status) => {
    till.answers.set(result, (saleId) => ({ result, saleId, detail: 'What to do.' }));
    const answer = await fixture.post(sale(result), sampleDraft);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(await answer.json()).toMatchObject({
      type: `urn:tax-control:sale:${result}`,
      status,
      result,
      detail: 'What to do.',
    });
  });

  it('answers a refused invoice as a problem that keeps its facts', async () => {
    const {
      result: _result,
      code: _code,
      receipt: _receipt,
      receiptJws: _jws,
      warnings: _warnings,
      ...facts
    } = sampleIssued();
    till.answers.set('refused', (saleId) => ({
      ...facts,
      saleId,
      result: 'refused',
      problem: problem('tax_arithmetic'),
    }));
    const answer = await fixture.post(sale('refused'), sampleDraft);
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({
      result: 'refused',
      problem: { code: 'tax_arithmetic' },
      invoiceId: facts.invoiceId,
      title: 'The server refused the signed invoice.',
    });
    const again = await fixture.call(sale('refused'));
    expect(again.status).toBe(200);
    expect(await again.json()).toMatchObject({ result: 'refused' });
    const receipt = await fixture.call(sale('refused', '/receipt'));
    expect(receipt.status).toBe(409);
    expect(await receipt.json()).toMatchObject({ code: 'receipt_not_available' });
  });

  it('takes a saleId with any characters, percent-encoded', async () => {
    const saleId = 'Kasse 3/2026#17 税';
    const answer = await fixture.post(sale(encodeURIComponent(saleId)), sampleDraft);
    expect(await answer.json()).toMatchObject({ saleId });
  });

  it('says of a terminal that could not be opened why, and signs nothing', async () => {
    const answer = await fixture.post('/v1/terminals/damaged-3/sales/a', sampleDraft);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({
      result: 'journal_unavailable',
      saleId: 'a',
      detail: 'The journal is damaged. Export it.',
    });
  });
});

describe('a draft that is wrong', () => {
  it.each([
    ['a member that is missing', { ...sampleDraft, number: undefined }, 'schema_violation', '/number'],
    ['a member that nobody knows', { ...sampleDraft, tax: 1 }, 'schema_violation', '/tax'],
    ['an amount that is no integer', { ...sampleDraft, total: 2.55 }, 'schema_violation', '/total'],
    ['lines that are none', { ...sampleDraft, lines: 'two' }, 'schema_violation', '/lines'],
    ['a line that is null', { ...sampleDraft, lines: [null] }, 'schema_violation', '/lines/0'],
    ['a member named twice', '{"kind":"sale","kind":"void"}', 'payload_duplicate_key', '/kind'],
    ['an amount beyond exact integers', '{"total":9007199254740993}', 'amount_unsafe', '/total'],
    ['a prototype', '{"__proto__":{"kind":"sale"}}', 'schema_violation', '/__proto__'],
    ['an array', [], 'schema_violation', ''],
  ])('with %s is invalid', async (_name, body, code, pointer) => {
    const answer = await fixture.post(sale('wrong'), body);
    expect(answer.status).toBe(422);
    const told = (await answer.json()) as { result: string; problem: { code: string; errors: { pointer: string }[] } };
    expect(told.result).toBe('invalid');
    expect(told.problem.code).toBe(code);
    expect(told.problem.errors.map((error) => error.pointer)).toContain(pointer);
    expect(till.lookUp('wrong')).toBeNull();
  });

  it.each(['', '{', 'null and more', '\u{FEFF}'.repeat(2)])(
    'that is no JSON is a malformed request: %j',
    async (body) => {
      const answer = await fixture.post(sale('wrong'), body);
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ code: 'malformed_request' });
    },
  );

  it('may be nested deeply or invalid UTF-8 without harm', async () => {
    const nested = await fixture.post(sale('wrong'), `${'['.repeat(200_000)}${']'.repeat(200_000)}`);
    expect(nested.status).toBe(400);
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
    const broken = await fixture.call(sale('wrong'), {
      method: 'POST',
      headers,
      body: Buffer.from([0x7b, 0xff, 0x7d]),
    });
    expect(broken.status).toBe(400);
  });
});

describe('JSON by another name', () => {
  it.each(['text/json', 'application/json; charset=utf-8', 'application/vnd.shop+json', undefined])(
    'is read: %s',
    async (type) => {
      const headers = { authorization: `Bearer ${TOKEN}`, ...(type === undefined ? {} : { 'content-type': type }) };
      // Bytes, to which no client adds a type of its own.
      const body = Buffer.from(JSON.stringify(sampleDraft));
      const answer = await fixture.call(sale(`type-${type}`.replaceAll(/\W/g, '-')), { method: 'POST', headers, body });
      expect(answer.status).toBe(200);
    },
  );
});

describe('GET …/sales/{saleId}', () => {
  it('is 404 for a sale that never happened', async () => {
    const answer = await fixture.call(sale('never'));
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ code: 'sale_unknown' });
  });

  it('gives what the sale’s answer was', async () => {
    const first = await (await fixture.post(sale('look'), sampleDraft)).json();
    const found = await fixture.call(sale('look'));
    expect(found.status).toBe(200);
    expect(await found.json()).toEqual(first);
  });
});

describe('GET …/receipt', () => {
  it('is text by default, marked when it is printed again', async () => {
    await fixture.post(sale('paper'), sampleDraft);
    const answer = await fixture.call(sale('paper', '/receipt?columns=32&reprint=true'));
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    const text = await answer.text();
    expect(text).toMatch(/^ +Reprint\n/);
    expect(text).toContain('00000 00012 34567 89056');
  });

  it('is ESC/POS by Accept, its QR as asked for', async () => {
    await fixture.post(sale('paper'), sampleDraft);
    const get = async (qr: string): Promise<Buffer> => {
      const headers = { authorization: `Bearer ${TOKEN}`, accept: 'application/octet-stream' };
      const answer = await fixture.call(sale('paper', `/receipt?qr=${qr}`), { headers });
      expect(answer.headers.get('content-type')).toBe('application/octet-stream');
      return Buffer.from(await answer.arrayBuffer());
    };
    expect((await get('native')).includes(Buffer.from([0x1d, 0x28, 0x6b]))).toBe(true);
    expect((await get('raster')).includes(Buffer.from([0x1d, 0x76, 0x30]))).toBe(true);
    expect((await get('none')).includes(Buffer.from([0x1d, 0x28, 0x6b]))).toBe(false);
  });

  it.each([
    ['?columns=40', '/columns'],
    ['?language=fr', '/language'],
    ['?lang=en', '/lang'],
    ['?columns=32&columns=42', '/columns'],
  ])('refuses the query %s', async (query, pointer) => {
    const answer = await fixture.call(sale('paper', `/receipt${query}`));
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'invalid_request', errors: [{ pointer }] });
  });

  it('is 406 in another form', async () => {
    const headers = { authorization: `Bearer ${TOKEN}`, accept: 'image/png' };
    expect((await fixture.call(sale('paper', '/receipt'), { headers })).status).toBe(406);
  });
});
