import { randomUUID } from 'node:crypto';
import { checkDigits, formatAmount, formatCode, uuidV7 } from '@tax-control/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SignedSale, Till } from '../issuance/office.js';
import { codeOf, openPlace, type Place, textOf } from './place.js';

let place: Place;
let till: Till;
let sale: SignedSale;
let code: string;
let total: string;

beforeAll(async () => {
  place = await openPlace();
  till = await place.office.till({ terminalId: 'till-1' });
  sale = till.sign({ issuedAt: '2026-11-22T18:21:07.120+08:00', businessDay: '2026-11-22' });
  const [result] = await place.office.issuance.issue([await till.arrive(sale.jws)]);
  code = codeOf(result);
  total = formatAmount(sale.invoice.total, sale.invoice.currency);
});
afterAll(() => place.close());

describe('the page of a code', () => {
  it('says without the total that it is on file, and nothing else', async () => {
    const page = await place.page(`/v/${code}`);
    expect(page.status).toBe(200);
    expect(textOf(page)).toContain('A code of this number is on file');
    expect(textOf(page)).toContain(formatCode(code));
    for (const detail of ['Shop of', 'Corner shop', 'High Street', total, '18:21', 'till-1', sale.invoice.id])
      expect(page.text).not.toContain(detail);
  });

  it('says shop, time as on the paper, and total to whoever knows the total', async () => {
    for (const typed of [total, `${total} ${sale.invoice.currency}`, total.replace('.', ',')]) {
      const page = await place.page(`/v/${code}?total=${encodeURIComponent(typed)}`);
      expect(page.status).toBe(200);
      for (const detail of ['Shop of taxpayer-1, Corner shop', 'High Street 1', '2026-11-22 18:21:07+08:00', total])
        expect(textOf(page)).toContain(detail);
    }
  });

  it('says of a wrong total that it is another one, and still no detail', async () => {
    const page = await place.page(`/v/${code}?total=0.01`);
    expect(page.status).toBe(200);
    expect(textOf(page)).toContain('The total on file is another one');
    expect(textOf(page)).toMatch(/9 more tries/);
    expect(page.text).not.toContain('Corner shop');
    expect(page.text).not.toContain(total);
  });

  it('asks again for what is no amount, and counts no try', async () => {
    const before = await place.page(`/v/${code}?total=0.02`);
    const page = await place.page(`/v/${code}?total=twelve`);
    expect(textOf(page)).toContain('This is no amount');
    expect(page.text).toContain('value="twelve"');
    const after = await place.page(`/v/${code}?total=0.02`);
    expect([textOf(before), textOf(after)]).toEqual([
      expect.stringContaining('8 more tries'),
      expect.stringContaining('7 more tries'),
    ]);
  });

  it('tells a typing error by the check digits, without a look-up', async () => {
    const { rows } = await place.server.superuser.query('SELECT count(*) FROM rate_limit');
    for (const typed of [
      code.replace(/^(\d)/, (digit) => String((Number(digit) + 1) % 10)),
      code.slice(1),
      'x',
      '%00',
    ]) {
      const page = await place.page(`/v/${typed}`);
      expect(page.status).toBe(400);
      expect(textOf(page)).toContain('This code is not written right');
    }
    const after = await place.server.superuser.query('SELECT count(*) FROM rate_limit');
    expect(after.rows).toEqual(rows);
  });

  it('does not take another code of the same number for it', async () => {
    const forged = `${code.slice(0, 12)}${String((Number(code.slice(12, 18)) + 1) % 1_000_000).padStart(6, '0')}`;
    const page = await place.page(`/v/${forged}${checkDigits(forged)}`);
    expect(page.status).toBe(404);
    expect(textOf(page)).toContain('Not on file');
  });

  it('says of a code of the other environment where it is from', async () => {
    const body = '000000000123456789';
    const page = await place.page(`/v/${body}${checkDigits(body)}`);
    expect(textOf(page)).toContain('It is not a code of the test environment');
  });

  it('says of training that it is no fiscal receipt, and of a voided sale that it was voided', async () => {
    const training = till.sign({ type: 'training' });
    const voided = till.sign();
    const original = { terminalId: till.terminalId, invoiceId: voided.invoice.id };
    const results = await place.office.issuance.issue([
      await till.arrive(training.jws),
      await till.arrive(voided.jws),
      await till.sale({ kind: 'void', reference: original }),
    ]);
    const [ofTraining, ofVoided] = await Promise.all(
      results.slice(0, 2).map((result) => place.page(`/v/${codeOf(result)}?total=${total}`)),
    );
    expect(textOf(ofTraining!)).toContain('This is not a fiscal receipt');
    expect(textOf(ofVoided!)).toContain('The shop voided this sale afterwards');
  });
});

describe('the page of a receipt that was printed offline', () => {
  it('says that it is not reported yet, then its code, then the details with the total', async () => {
    const offline = till.sign();
    const path = `/v/till-1/${offline.invoice.id}`;
    const waiting = await place.page(path);
    expect(waiting.status).toBe(200);
    expect(textOf(waiting)).toContain('Not reported yet');
    const [result] = await place.office.issuance.issue([await till.arrive(offline.jws, 'reissue')]);
    expect(textOf(await place.page(path))).toContain(formatCode(codeOf(result)));
    expect(textOf(await place.page(`${path}?total=${total}`))).toContain('Corner shop');
  });

  it('promises nothing of what nobody reported: an invented number of a known till looks the same', async () => {
    for (const language of ['en', 'zh-CN']) {
      const page = await place.page(`/v/till-1/${uuidV7(Date.now())}?lang=${language}`);
      expect(textOf(page)).toMatch(
        /may be genuine; nobody can tell before it is reported|可能是真的；上报之前无法确认/,
      );
      expect(textOf(page)).not.toMatch(/is valid|票据有效/);
    }
  });

  it('leads from a refused one to the one that superseded it', async () => {
    const refused = { terminalId: 'till-1', invoiceId: uuidV7(Date.now()) };
    await place.server.superuser.query(
      `INSERT INTO refused_invoice (terminal_id, digest, body, cause, detail, invoice_id, door)
       VALUES ('till-1', sha256('x'), 'x', 'line_arithmetic', '', $1, 'issue')`,
      [refused.invoiceId],
    );
    const path = `/v/till-1/${refused.invoiceId}`;
    expect(textOf(await place.page(path))).toContain('Reported, with a mistake in it');
    const [result] = await place.office.issuance.issue([await till.sale({ supersedes: refused })]);
    const page = await place.page(path);
    expect(textOf(page)).toContain('Corrected by another invoice');
    expect(page.text).toContain(`href="/v/${codeOf(result)}"`);
  });

  it('says that a till is not registered, or that the address is not one of a receipt', async () => {
    const unknown = await place.page(`/v/till-of-nobody/${randomUUID()}`);
    expect([unknown.status, textOf(unknown)]).toEqual([404, expect.stringContaining('This till is not registered')]);
    for (const path of ['/v/till-1/1', `/v/%27%20OR%201=1/${randomUUID()}`, '/v/till-1/%3Cscript%3E']) {
      const page = await place.page(path);
      expect([page.status, textOf(page)]).toEqual([400, expect.stringContaining('This address is not written right')]);
      expect(page.text).not.toContain('<script');
    }
  });
});

describe('every page', () => {
  it('loads and runs nothing, is kept by nobody, and says that this is a test', async () => {
    for (const path of ['/v', `/v/${code}`, `/v/${code}?total=${total}`, '/v/1', `/v/till-1/${randomUUID()}`]) {
      const { headers, text } = await place.page(path);
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/=]+'/);
      expect(headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
      expect(text).not.toMatch(/<script|javascript:|style="|onclick|https?:/);
      expect(text).toContain('TEST: this server is for trying out');
    }
  });

  it('speaks the language that is asked for', async () => {
    const chinese = await place.page(`/v/${code}`, { language: 'zh-CN,zh;q=0.9' });
    expect(chinese.headers['content-language']).toBe('zh-CN');
    expect(chinese.text).toContain('<html lang="zh-CN">');
    expect(textOf(chinese)).toContain('有这个号码的税控码记录');
    const chosen = await place.page(`/v/${code}?lang=zh-CN&total=${total}`);
    expect(textOf(chosen)).toContain('税控码与合计金额均有记录');
    expect(textOf(await place.page(`/v/${code}?lang=en`, { language: 'zh-CN' }))).toContain('is on file');
  });

  it('shows what strangers wrote as text', async () => {
    const evil = '"><script>alert(1)</script>';
    const page = await place.page(`/v?code=${encodeURIComponent(evil)}&lang=${encodeURIComponent(evil)}`);
    expect(page.text).toContain('&quot;&gt;&lt;script&gt;');
    expect(page.text).not.toContain('<script');
  });

  it('takes a typed code with spaces', async () => {
    expect(textOf(await place.page(`/v?code=${encodeURIComponent(formatCode(code))}`))).toContain('is on file');
    expect(textOf(await place.page('/v'))).toContain('Is your receipt genuine?');
  });
});
