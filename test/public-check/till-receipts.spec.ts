import {
  type BillingInterface,
  openTill,
  receiptText,
  type SaleIssued,
  type SaleStoredOffline,
} from '@tax-control/billing-interface';
import { draft, STILL } from '@tax-control/billing-interface/testing';
import { formatAmount, formatCode } from '@tax-control/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
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
  expect(`https://check.example${printed?.[1]}`).toContain(sale.qrText);
  const { pathname } = new URL(sale.qrText);
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
