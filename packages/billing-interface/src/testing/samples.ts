import type { Invoice, Receipt } from '@tax-control/protocol';
import type { SaleIssued, SaleStoredOffline } from '../api.js';

const TERMINAL_ID = 'till-7';
const INVOICE_ID = '019a0c1e-7b00-7000-8000-00000000000a';

/** An invoice for specs: two goods, one of them several times and cheaper, paid in cash with change. */
export function sampleInvoice(overrides: Partial<Invoice> = {}): Invoice {
  return {
    schemaVersion: 1,
    id: INVOICE_ID,
    taxpayerId: 'GB-100200300',
    premisesId: 'high-street-1',
    terminalId: TERMINAL_ID,
    journalId: '0b0f6c0e-54d8-4a4b-9c56-0a6a3f1d2c11',
    counter: 17,
    previousDigest: 'A'.repeat(43),
    type: 'normal',
    kind: 'sale',
    number: '2026-0017',
    issuedAt: '2026-11-22T18:21:07.250+00:00',
    clockOffsetMs: 12,
    clockOffsetAgeSeconds: 60,
    businessDay: '2026-11-22',
    cashier: 'Ann',
    software: { name: 'sample', version: '1' },
    currency: 'GBP',
    priceBasis: 'gross',
    lines: [
      { type: 'goods', description: 'Espresso', quantity: '1', unitPrice: '255', amount: 255, taxCategory: 'standard' },
      {
        type: 'goods',
        description: 'White hanging heart T-light holder',
        quantity: '6',
        unitPrice: '255.5',
        discount: 33,
        amount: 1500,
        taxCategory: 'standard',
      },
      { type: 'goods', description: 'Bread', quantity: '1', unitPrice: '140', amount: 140, taxCategory: 'zero' },
    ],
    taxes: [
      { category: 'standard', rate: '20', base: 1462, amount: 293 },
      { category: 'zero', rate: '0', base: 140, amount: 0 },
    ],
    total: 1895,
    payments: [
      { method: 'cash', amount: 2000 },
      { method: 'cash', amount: -105 },
    ],
    ...overrides,
  };
}

/** The sale of `sampleInvoice` with its code. */
export function sampleIssued(overrides: Partial<Invoice> = {}): SaleIssued {
  const invoice = sampleInvoice(overrides);
  const receipt: Receipt = {
    receiptVersion: 1,
    environment: 'production',
    code: '00000000123456789056',
    invoiceDigest: 'A'.repeat(43),
    taxpayerId: invoice.taxpayerId,
    premisesId: invoice.premisesId,
    terminalId: invoice.terminalId,
    invoiceId: invoice.id,
    journalId: invoice.journalId,
    counter: invoice.counter,
    type: invoice.type,
    kind: invoice.kind,
    number: invoice.number,
    issuedAt: '2026-11-22T18:21:07Z',
    currency: invoice.currency,
    total: invoice.total,
    door: 'issue',
    registeredAt: '2026-11-22T18:21:07.431Z',
  };
  return {
    result: 'issued',
    ...facts(invoice),
    code: receipt.code,
    receipt,
    receiptJws: 'e30.e30.AA',
    warnings: [],
  };
}

/** The sale of `sampleInvoice` while its code is pending. */
export function sampleStoredOffline(overrides: Partial<Invoice> = {}): SaleStoredOffline {
  return {
    result: 'stored_offline',
    ...facts(sampleInvoice(overrides)),
    cause: 'connection_refused',
    detail: 'Print the receipt with the signature mark; the code comes by itself.',
  };
}

function facts(invoice: Invoice) {
  return {
    saleId: 'sale-17',
    terminalId: invoice.terminalId,
    invoiceId: invoice.id,
    counter: invoice.counter,
    invoice,
    environment: 'production',
    qrText: `https://tax.example/v/${invoice.terminalId}/${invoice.id}`,
    signatureMark: 'Qm9v-ZXN0',
  } as const;
}

/** A training refund in Chinese that can name no original. */
export const chineseTrainingRefund: Partial<Invoice> = {
  type: 'training',
  kind: 'refund',
  currency: 'CNY',
  cashier: '李雷',
  businessDay: '2026-11-21',
  buyer: { name: '上海某某贸易有限公司', taxId: '91310000', address: '上海市黄浦区南京东路一百号三楼三零一室' },
  reference: { reason: '顾客没有小票' },
  lines: [
    {
      type: 'goods',
      description: '意大利浓缩咖啡豆一公斤装（深度烘焙）',
      quantity: '-2',
      unitPrice: '12800',
      amount: -25600,
      taxCategory: 'standard',
    },
    { type: 'rounding', description: '', quantity: '1', unitPrice: '-3', amount: -3 },
  ],
  taxes: [{ category: 'standard', rate: '13', base: -22655, amount: -2945 }],
  total: -25603,
  payments: [{ method: 'card', amount: -25603 }],
};

/** Yen have no minor digits; prices without tax; an original named by its code, and a refused invoice corrected. */
export const japaneseNetRefund: Partial<Invoice> = {
  kind: 'refund',
  currency: 'JPY',
  priceBasis: 'net',
  reference: { code: '00000000123456789056' },
  supersedes: { terminalId: TERMINAL_ID, invoiceId: '019a0c1e-7b00-7000-8000-00000000000b' },
  lines: [
    { type: 'goods', description: 'お茶', quantity: '1', unitPrice: '-1234567', amount: -1234567, taxCategory: 'food' },
  ],
  taxes: [{ category: 'food', rate: '8', base: -1234567, amount: -98765 }],
  total: -1333332,
  payments: [{ method: 'transfer', amount: -1333332 }],
};
