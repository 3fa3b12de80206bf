import type { Invoice } from '@tax-control/protocol';
import { describe, expect, it } from 'vitest';
import { receiptText } from './receipt-text.js';
import { chineseTrainingRefund, japaneseNetRefund, sampleIssued, sampleStoredOffline } from '../testing/samples.js';
import { terminalWidth, widthOf } from './text-width.js';

/** The widest line, in columns. */
function widest(text: string): number {
  return Math.max(...text.split('\n').map((line) => widthOf(line, terminalWidth)));
}

describe('receiptText', () => {
  it('prints an issued sale with its code and QR', () => {
    const text = receiptText(sampleIssued(), { columns: 42, language: 'en' });
    expect(widest(text)).toBeLessThanOrEqual(42);
    expect(text.split('\n')).toEqual([
      '                   SALE',
      'Taxpayer                      GB-100200300',
      'Premises                     high-street-1',
      'Terminal                            till-7',
      'Number                           2026-0017',
      'Counter                                 17',
      'Time             2026-11-22 18:21:07+00:00',
      'Cashier                                Ann',
      '------------------------------------------',
      'Espresso                            2.55 A',
      'White hanging heart T-light holder 15.00 A',
      '  6 x 2.555',
      '  Discount -0.33',
      'Bread                               1.40 B',
      '------------------------------------------',
      'TOTAL GBP                          18.95',
      'Cash                               20.00',
      'Change                              1.05',
      'Tax included',
      'A standard 20% of 14.62             2.93',
      'B zero 0% of 1.40                   0.00',
      '------------------------------------------',
      '             Tax control code',
      '         00000 00012 34567 89056',
      'Registered            2026-11-22 18:21:07Z',
      '            Check this receipt',
      '',
      '    █▀▀▀▀▀█ █▄ ▄█   █▀█▄█▀    █▀▀▀▀▀█',
      '    █ ███ █ ▀██▀▄  ▄▄ █ █▀█ ▄ █ ███ █',
      '    █ ▀▀▀ █ ▀█▄   ▀▀▄ ▀▀▄ ▄▀▀ █ ▀▀▀ █',
      '    ▀▀▀▀▀▀▀ ▀▄▀▄▀▄█ ▀ ▀▄█ ▀▄▀ ▀▀▀▀▀▀▀',
      '    ▀  ██▀▀▀██▀ ▀  ██▀ █▀ ▄▄▀▀  █▄██▀',
      '    █▄▀ █ ▀▀▄▀ ▀█ ██▀██▄▄▀▄▀▀██▄▀▀█▄▀',
      '    ██▀█▄█▀█▀▀▄▀ ▀▀▀ ▀█▄█▀█▄▀▄▀   ▄▀▀',
      '      █▄█▄▀█▀ ▄ █▄▀█▀ ▄ ▄▀▀▀█▄▀▄▀▄█ ▄',
      '    ▄  █▄ ▀ ▄ ▄▀▄████▄▄█▀ █▀███▀█▀▄ ▄',
      '    ▀▄█▄█▀▀ ██▀██▄█▀▄▀██ █ ▀██▀▀▄██ █',
      '    ▄ █▄█▄▀█▄█▀▄▄ █ ▄▄█▀ █▀▀█▀ ▀▄▀▄▀▀',
      '    █  ▀█▄▀ █▀▄▄█ ▄▀▄█▀  ▀▀██▀▀▄▄▄▄▀▀',
      '    ▀▀▀▀▀▀▀ ▄▀██▀▀▄█▀ ▄▀▀ ▄▄█▀▀▀█ ▄▀',
      '    █▀▀▀▀▀█ █▀███ ▀▀▀ █▀ ▄▄██ ▀ █▄██▄',
      '    █ ███ █ █▀ ████  ▀█▀▀▀▄▀██▀█▀▄▄ █',
      '    █ ▀▀▀ █  █▄▄ █ ▀▀▀▄██▀▀▀▀█▄██▄███',
      '    ▀▀▀▀▀▀▀ ▀ ▀ ▀▀▀▀▀▀ ▀   ▀▀▀ ▀▀',
      '',
      '',
    ]);
  });

  it('prints a stored sale as pending, with the address where no QR fits', () => {
    const text = receiptText(sampleStoredOffline(), { columns: 32, language: 'en' });
    expect(widest(text)).toBeLessThanOrEqual(32);
    expect(text.split('\n')).toEqual([
      '              SALE',
      'Taxpayer            GB-100200300',
      'Premises           high-street-1',
      'Terminal                  till-7',
      'Number                 2026-0017',
      'Counter                       17',
      'Time   2026-11-22 18:21:07+00:00',
      'Cashier                      Ann',
      '--------------------------------',
      'Espresso                  2.55 A',
      'White hanging heart',
      'T-light holder           15.00 A',
      '  6 x 2.555',
      '  Discount -0.33',
      'Bread                     1.40 B',
      '--------------------------------',
      'TOTAL GBP                18.95',
      'Cash                     20.00',
      'Change                    1.05',
      'Tax included',
      'A standard 20% of 14.62   2.93',
      'B zero 0% of 1.40         0.00',
      '--------------------------------',
      '    TAX CONTROL CODE PENDING',
      'This receipt is valid. Its code',
      'can be looked up later.',
      'Signature mark         Qm9v-ZXN0',
      '       Check this receipt',
      'https://tax.example/v/till-7/019',
      'a0c1e-7b00-7000-8000-00000000000',
      'a',
      '',
    ]);
  });

  it('says what a voucher forfeited, and calls only cash change', () => {
    const paid = (payments: Invoice['payments']) =>
      receiptText(sampleIssued({ payments }), { columns: 42, language: 'en' })
        .split('\n')
        .slice(15, 18)
        .map((row) => row.replace(/ {2,}(?=\S)/, ' '));
    expect(paid([{ method: 'voucher', amount: 1_895, forfeited: 105 }])).toEqual([
      'TOTAL GBP 18.95',
      'Voucher 18.95',
      ' Forfeited 1.05',
    ]);
    expect(
      paid([
        { method: 'voucher', amount: 2_000 },
        { method: 'voucher', amount: -105 },
      ]),
    ).toEqual(['TOTAL GBP 18.95', 'Voucher 20.00', 'Voucher -1.05']);
  });

  it('counts double-width characters and says that a training receipt is none', () => {
    const text = receiptText(sampleStoredOffline(chineseTrainingRefund), {
      columns: 32,
      language: 'zh-CN',
      reprint: true,
    });
    expect(widest(text)).toBeLessThanOrEqual(32);
    expect(text.split('\n')).toEqual([
      '           非税务票据',
      '              重印',
      '          退货 - 培训',
      '纳税人              GB-100200300',
      '经营场所           high-street-1',
      '终端                      till-7',
      '票号                   2026-0017',
      '序号                          17',
      '时间   2026-11-22 18:21:07+00:00',
      '营业日                2026-11-21',
      '收银员                      李雷',
      '购买方      上海某某贸易有限公司',
      '购买方税号              91310000',
      '上海市黄浦区南京东路一百号三楼三',
      '零一室',
      '无原票原因          顾客没有小票',
      '--------------------------------',
      '意大利浓缩咖啡豆一公斤',
      '装（深度烘焙）         -256.00 A',
      '  -2 x 128.00',
      '抹零                     -0.03',
      '--------------------------------',
      '合计 CNY               -256.03',
      '银行卡                 -256.03',
      '含税',
      'A standard 13% 计税金额',
      '-226.55                 -29.45',
      '--------------------------------',
      '          税控码待补开',
      '本票据有效，税控码可稍后查询。',
      '签名标记               Qm9v-ZXN0',
      '           查验本票据',
      'https://tax.example/v/till-7/019',
      'a0c1e-7b00-7000-8000-00000000000',
      'a',
      '           非税务票据',
      '',
    ]);
  });

  it('marks the test environment, in a currency without minor digits and prices without tax', () => {
    const sale = { ...sampleIssued(japaneseNetRefund), environment: 'test' } as const;
    expect(receiptText(sale, { columns: 48, language: 'zh-CN', qr: 'none' }).split('\n')).toEqual([
      '             ** 测试 非真实票据 **',
      '                      退货',
      '纳税人                              GB-100200300',
      '经营场所                           high-street-1',
      '终端                                      till-7',
      '票号                                   2026-0017',
      '序号                                          17',
      '时间                   2026-11-22 18:21:07+00:00',
      '收银员                                       Ann',
      '原票                     00000 00012 34567 89056',
      '更正        019a0c1e-7b00-7000-8000-00000000000b',
      '------------------------------------------------',
      'お茶                                -1,234,567 A',
      '------------------------------------------------',
      '合计 JPY                            -1,333,332',
      '转账                                -1,333,332',
      '另加税',
      'A food 8% 计税金额 -1,234,567          -98,765',
      '------------------------------------------------',
      '                     税控码',
      '            00000 00012 34567 89056',
      '赋码时间                    2026-11-22 18:21:07Z',
      '                   查验本票据',
      'https://tax.example/v/till-7/019a0c1e-7b00-7000-',
      '8000-00000000000a',
      '             ** 测试 非真实票据 **',
      '',
    ]);
    expect(receiptText(sale, { columns: 32, language: 'en', qr: 'none' }).split('\n')).toEqual([
      '** TEST - NOT A REAL RECEIPT **',
      '             REFUND',
      'Taxpayer            GB-100200300',
      'Premises           high-street-1',
      'Terminal                  till-7',
      'Number                 2026-0017',
      'Counter                       17',
      'Time   2026-11-22 18:21:07+00:00',
      'Cashier                      Ann',
      'Original 00000 00012 34567 89056',
      'Corrects',
      '019a0c1e-7b00-7000-8000-00000000',
      '000b',
      '--------------------------------',
      'お茶                -1,234,567 A',
      '--------------------------------',
      'TOTAL JPY           -1,333,332',
      'Transfer            -1,333,332',
      'Tax added',
      'A food 8% of',
      '-1,234,567             -98,765',
      '--------------------------------',
      '        Tax control code',
      '    00000 00012 34567 89056',
      'Registered  2026-11-22 18:21:07Z',
      '       Check this receipt',
      'https://tax.example/v/till-7/019',
      'a0c1e-7b00-7000-8000-00000000000',
      'a',
      '** TEST - NOT A REAL RECEIPT **',
      '',
    ]);
  });

  it('points from each line to all of its taxes, and to its own original of several', () => {
    const lamp = { type: 'goods', description: 'Lamp', quantity: '-1', taxCategory: 'lamps' } as const;
    const sale = sampleIssued({
      kind: 'refund',
      reference: {
        originals: [
          { code: '00000000123456789056' },
          { terminalId: 'till-8', invoiceId: '019a0c1e-7b00-7000-8000-00000000000b' },
        ],
      },
      lines: [
        { ...lamp, unitPrice: '12200', amount: -12_200, taxRate: '19', levies: [{ category: 'city' }], original: 0 },
        { ...lamp, unitPrice: '11600', amount: -11_600, taxRate: '16', original: 1 },
      ],
      taxes: [
        { category: 'lamps', rate: '19', base: -10_000, amount: -1_900 },
        { category: 'city', rate: '3', base: -10_000, amount: -300, levy: 'untaxed' },
        { category: 'lamps', rate: '16', base: -10_000, amount: -1_600 },
      ],
      total: -23_800,
      payments: [{ method: 'cash', amount: -23_800 }],
    });
    const rows = receiptText(sale, { columns: 42, language: 'en' })
      .split('\n')
      .map((row) => row.replace(/ {2,}(?=\S)/, ' '));
    expect(rows).toEqual(
      expect.arrayContaining([
        'Original 1 00000 00012 34567 89056',
        'Original 2 till-8',
        '019a0c1e-7b00-7000-8000-00000000000b',
        'Lamp -122.00 AB',
        ' Original 1',
        'Lamp -116.00 C',
        ' Original 2',
        'A lamps 19% of -100.00 -19.00',
        'B city 3% of -100.00 -3.00',
        'C lamps 16% of -100.00 -16.00',
      ]),
    );
  });

  it('names an original by identity and keeps every line within the paper, whatever the texts are', () => {
    const long = 'Weihnachtsbaumkugelaufhänger '.repeat(17).slice(0, 500);
    const sale = sampleIssued({
      cashier: 'C'.repeat(64),
      buyer: { name: long, address: '一'.repeat(500) },
      reference: { terminalId: 'T'.repeat(64), invoiceId: '019a0c1e-7b00-7000-8000-00000000000b' },
      total: Number.MAX_SAFE_INTEGER,
    });
    for (const columns of [32, 42, 48] as const) {
      const text = receiptText(sale, { columns, language: 'en' });
      for (const line of text.split('\n')) expect(widthOf(line, terminalWidth)).toBeLessThanOrEqual(columns);
      expect(text).toContain('90,071,992,547,409.91');
    }
  });
});

describe('the QR of a receipt without a code', () => {
  it('is printed without its proof where all of it would be too wide, and so is the address', () => {
    const sale = sampleStoredOffline();
    const [address = ''] = sale.qrText.split('?');
    const proven = { ...sale, qrText: `${address}?p=1794158465.GBP.2183.normal.AAAAAAAA.${'A'.repeat(86)}` };
    const options = { columns: 48, language: 'en' } as const;
    expect(receiptText(proven, options)).toBe(receiptText({ ...sale, qrText: address }, options));
    expect(receiptText(proven, options)).toContain('\u2580');
    const typed = receiptText(proven, { ...options, qr: 'none' });
    expect(typed.replaceAll('\n', '')).toContain(address);
    expect(typed).not.toContain('?p=');
  });
});
