import { randomUUID } from 'node:crypto';
import {
  type BillingInterface,
  openTill,
  receiptText,
  type SaleIssued,
  type SaleStoredOffline,
} from '@tax-control/billing-interface';
import { draft, STILL } from '@tax-control/billing-interface/testing';
import { formatAmount, formatCode } from '@tax-control/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openShop, type Shop } from '../agent/shop.js';
import { type Answer, call } from '../support/client.js';
import { textOf } from './place.js';

let shop: Shop;
let till: BillingInterface;
beforeAll(async () => {
  shop = await openShop();
  const directory = await shop.addTill('till-1');
  till = await openTill({ directory, software: { name: 'Till under test', version: '1.0.0' }, pace: STILL });
});
afterAll(async () => {
  await till.close();
  await shop.close();
});

/** Follows the address that is printed: its path, at the server whose name the parameters gave. */
function follow(sale: SaleIssued | SaleStoredOffline, query = ''): Promise<Answer> {
  const paper = receiptText(sale, { columns: 48, language: 'en', qr: 'none' });
  const printed = paper.replaceAll('\n', '').match(/https:\/\/check\.example(\/v\/[\w./-]+)/);
  const { origin, pathname } = new URL(sale.qrText);
  expect(`https://check.example${printed?.[1]}`).toContain(`${origin}${pathname}`);
  return call(shop.server, `${pathname}${query}`, { listener: 'public', headers: { 'accept-language': 'en' } });
}

it('the QR of a receipt leads to its page, and its printed total opens it', async () => {
  const sale = (await till.issue('online', draft('online'))) as SaleIssued;
  expect(textOf(await follow(sale))).toContain(formatCode(sale.code));
  const total = formatAmount(sale.invoice.total, sale.invoice.currency);
  const page = textOf(await follow(sale, `?total=${encodeURIComponent(total)}`));
  expect(page).toContain('Corner Shop Ltd, Main Street');
  expect(page).toContain(sale.invoice.issuedAt.replace('T', ' ').replace(/\.\d+/, '').replace('Z', ' UTC'));
});

it('the QR of a receipt printed offline leads to a page that knows its code once it has one', async () => {
  shop.line.cut();
  const sale = (await till.issue('offline', draft('offline'))) as SaleStoredOffline;
  shop.line.mend();
  expect(textOf(await follow(sale))).toContain('Not reported yet');
  await till.drain();
  const { code } = till.lookUp('offline') as SaleIssued;
  expect(textOf(await follow(sale))).toContain(formatCode(code));
});

describe('the QR of a receipt printed offline', () => {
  const scan = (
    sale: SaleStoredOffline,
    change: (address: string) => string = (address) => address,
  ): Promise<Answer> => {
    const { pathname, search } = new URL(change(sale.qrText));
    return call(shop.server, `${pathname}${search}`, { listener: 'public', headers: { 'accept-language': 'en' } });
  };
  const sellOffline = async (saleId: string): Promise<SaleStoredOffline> => {
    shop.line.cut();
    const sale = (await till.issue(saleId, draft(saleId))) as SaleStoredOffline;
    shop.line.mend();
    return sale;
  };
  const kept = async (): Promise<object[]> =>
    (await shop.ground.superuser.query<object>('SELECT signed FROM receipt_look_up ORDER BY looked_up_at')).rows;

  it('proves at once that this till signed it, with time and total, and says so in the other language too', async () => {
    const sale = await sellOffline('proven');
    const page = await scan(sale);
    const { total, currency, issuedAt } = sale.invoice;
    expect(page.status).toBe(200);
    const text = textOf(page);
    expect(text).toContain('Signed by this till, not reported yet');
    expect(text).toContain(`${formatAmount(total, currency)} ${currency}`);
    expect(text).toContain(new Date(issuedAt).toISOString().slice(0, 'yyyy-mm-ddThh:mm:ss'.length).replace('T', ' '));
    const [, other = ''] = /href="([^"]*lang=zh-CN[^"]*)"/.exec(page.text) ?? [];
    const chinese = await call(shop.server, other.replaceAll('&amp;', '&'), { listener: 'public' });
    expect(textOf(chinese)).toContain('已由该终端签名');
  });

  it('is no proof of another receipt, nor of another total', async () => {
    const [sale, another] = [await sellOffline('one'), await sellOffline('another')];
    for (const change of [
      (address: string) => address.replace(sale.invoiceId, another.invoiceId),
      (address: string) => address.replace(`.${sale.invoice.total}.`, '.1.'),
      (address: string) => address.replace(/p=.*/, 'p=x'),
    ])
      expect(textOf(await scan(sale, change))).toContain('Not signed by this till');
  });

  it('proves nothing by a certificate that was revoked or is not on file: then the receipt may be genuine', async () => {
    const sale = await sellOffline('revoked');
    const { rows } = await shop.ground.superuser.query<{ thumbprint: string }>(
      'SELECT thumbprint FROM terminal_certificate',
    );
    await shop.ground.superuser.query(
      `UPDATE terminal_certificate SET revoked_at = now(), revocation_reason = 'stolen'`,
    );
    expect(textOf(await scan(sale))).toContain('may be genuine');
    await shop.ground.superuser.query('UPDATE terminal_certificate SET revoked_at = NULL, revocation_reason = NULL');
    const strange = rows[0]!.thumbprint.startsWith('A') ? 'B'.repeat(8) : 'A'.repeat(8);
    const change = (address: string) => address.replace(rows[0]!.thumbprint.slice(0, 8), strange);
    expect(textOf(await scan(sale, change))).toContain('may be genuine');
  });

  it('is kept as looked up while it is not on file, once; an invented one without a proof, too', async () => {
    await shop.ground.superuser.query('DELETE FROM receipt_look_up');
    const sale = await sellOffline('kept');
    await scan(sale);
    await scan(sale);
    expect(await kept()).toEqual([{ signed: true }]);
    await scan(sale, (address) => address.replace(/[?].*/, '').replace(sale.invoiceId, randomUUID()));
    expect(await kept()).toEqual([{ signed: true }, { signed: false }]);
    for (let invented = 0; invented < 55; invented += 1)
      await call(shop.server, `/v/till-1/${randomUUID()}`, { listener: 'public', tls: { localAddress: '127.0.0.9' } });
    expect((await kept()).length).toBeLessThanOrEqual(51);
  });
});
