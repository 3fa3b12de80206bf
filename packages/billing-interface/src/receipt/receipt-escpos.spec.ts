import { describe, expect, it } from 'vitest';
import { nativeQr, rasterQr } from './escpos-qr.js';
import { receiptEscPos } from './receipt-escpos.js';
import { chineseTrainingRefund, sampleIssued, sampleStoredOffline } from '../testing/samples.js';

const CUT = [0x1d, 0x56, 66, 0];

describe('receiptEscPos', () => {
  it('begins with the printer’s initialisation and the code page, and ends with the cut', () => {
    const bytes = receiptEscPos(sampleIssued(), { columns: 48, language: 'en' });
    expect([...bytes.subarray(0, 7)]).toEqual([0x1b, 0x40, 0x1c, 0x2e, 0x1b, 0x74, 16]);
    expect([...bytes.subarray(-4)]).toEqual(CUT);
  });

  it('writes western letters in Windows 1252', () => {
    const bytes = receiptEscPos(sampleIssued({ cashier: 'Zoë €' }), { columns: 48, language: 'en' });
    expect(bytes.includes(Buffer.from([0x5a, 0x6f, 0xeb, 0x20, 0x80]))).toBe(true);
  });

  it('writes Chinese in GB 18030, and lines still end at the right edge', () => {
    const bytes = receiptEscPos(sampleStoredOffline(chineseTrainingRefund), { columns: 32, language: 'zh-CN' });
    const text = new TextDecoder('gb18030').decode(bytes);
    expect(text).toContain('\n纳税人              GB-100200300\n');
    expect(text).toContain('\n上海市黄浦区南京东路一百号三楼三\n零一室\n');
  });

  it('holds the QR as the printer’s own command, as a picture, or as text', () => {
    const sale = sampleIssued();
    const options = { columns: 48, language: 'en' } as const;
    expect(receiptEscPos(sale, options).includes(nativeQr(sale.qrText))).toBe(true);
    expect(receiptEscPos(sale, { ...options, qr: 'raster' }).includes(rasterQr(sale.qrText, 48))).toBe(true);
    expect(receiptEscPos(sale, { ...options, qr: 'none' }).toString('latin1')).toContain(
      'https://tax.example/v/till-7/',
    );
  });

  it('lets no text become a command', () => {
    const sale = sampleIssued({ cashier: 'A\u001B@\u001DV\u0000\u0085\u009B' });
    for (const language of ['en', 'zh-CN'] as const) {
      const bytes = receiptEscPos(sale, { columns: 48, language, qr: 'none' });
      const body = bytes.subarray(0, -CUT.length);
      const commands = [...body].filter((byte) => byte === 0x1d || byte === 0);
      // ESC E 0 after each bold line ends with a zero; there is no other.
      expect(commands.filter((byte) => byte === 0x1d)).toEqual([]);
      expect(body.includes(Buffer.from('A?@?V???'))).toBe(true);
    }
  });

  it('prints a question mark for what the table has not', () => {
    const bytes = receiptEscPos(sampleIssued({ cashier: '李雷 😀' }), { columns: 48, language: 'en' });
    expect(bytes.includes(Buffer.from('?? ?\n'))).toBe(true);
  });
});

describe('nativeQr', () => {
  it('counts the bytes of its data', () => {
    const text = 'https://tax.example/v/till-7/';
    const bytes = nativeQr(text);
    const store = bytes.indexOf(Buffer.from([0x1d, 0x28, 0x6b, text.length + 3, 0, 49, 80, 48]));
    expect(store).toBeGreaterThan(0);
    expect(bytes.subarray(store + 8, store + 8 + text.length).toString()).toBe(text);
    expect([...bytes.subarray(-8)]).toEqual([0x1d, 0x28, 0x6b, 3, 0, 49, 81, 48]);
  });
});
