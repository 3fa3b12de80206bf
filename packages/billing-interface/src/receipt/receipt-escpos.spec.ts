import { describe, expect, it } from 'vitest';
import { nativeQr, rasterQr } from './escpos-qr.js';
import type { SaleIssued } from '../api.js';
import type { PrinterProfile } from './printer-profiles.js';
import { receiptEscPos } from './receipt-escpos.js';
import { RECEIPT_COLUMNS, receiptText } from './receipt-text.js';
import { chineseTrainingRefund, sampleIssued, sampleStoredOffline } from '../testing/samples.js';

const RASTER = Buffer.from([0x1d, 0x76, 0x30, 0]);
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

  it.each<[string, string, PrinterProfile, number[]]>([
    ['Czech', 'Kůň č', 'common', [0x4b, 0x1b, 0x74, 18, 0x85, 0xe5, 0x20, 0x9f, 0x1b, 0x74, 16]],
    ['Polish, Hungarian and Croatian', 'łőđ', 'common', [0x1b, 0x74, 18, 0x88, 0x8b, 0xd0, 0x1b, 0x74, 16]],
    ['Russian', 'Щи', 'common', [0x1b, 0x74, 17, 0x99, 0xa8, 0x1b, 0x74, 16]],
    ['Greek', 'Ω', 'epson', [0x1b, 0x74, 14, 0x97, 0x1b, 0x74, 16]],
    ['Croatian on another maker’s numbers', 'đ', 'citizen', [0x1b, 0x74, 6, 0xd0, 0x1b, 0x74, 16]],
    [
      'two alphabets beside western letters',
      'é č Ж',
      'common',
      [0xe9, 0x20, 0x1b, 0x74, 18, 0x9f, 0x20, 0x1b, 0x74, 17, 0x86],
    ],
  ])('writes %s in a code page of the printer', (_which, cashier, printer, expected) => {
    const bytes = receiptEscPos(sampleIssued({ cashier }), { columns: 48, language: 'en', printer, qr: 'none' });
    expect(bytes.includes(Buffer.from(expected))).toBe(true);
    expect(picturesIn(bytes)).toEqual([]);
    expect(bytes.includes('?')).toBe(false);
  });

  it.each<[string, string, PrinterProfile, 'en' | 'zh-CN']>([
    ['Greek on a printer that has none', 'Ω', 'common', 'en'],
    ['Arabic', 'قهوة', 'epson', 'en'],
    ['Hebrew', 'קפה', 'bixolon', 'en'],
    ['Chinese beside English', '李雷', 'epson', 'en'],
    ['an emoji in Chinese', '李雷 😀', 'common', 'zh-CN'],
    ['Hindi', 'हिन्दी', 'xprinter', 'en'],
  ])('draws the line with %s, and no other', (_which, cashier, printer, language) => {
    for (const columns of RECEIPT_COLUMNS) {
      const bytes = receiptEscPos(sampleIssued({ cashier }), { columns, language, printer, qr: 'none' });
      const pictures = picturesIn(bytes);
      expect(pictures).toHaveLength(1);
      expect(pictures[0]).toMatchObject({ rowBytes: Math.ceil((columns * 12) / 8), height: 24 });
      expect(pictures[0]!.inked).toBeGreaterThan(50);
      expect(textIn(bytes).includes('?')).toBe(false);
    }
  });

  it('leaves out what turns round or hides the text beside it, on paper of either kind', () => {
    const hidden = '\u202E\u2066\u200F\u200B\uFEFF\u{E0041}';
    const sale = sampleIssued({ cashier: `A${hidden}nn\u2028e` });
    const plain = sampleIssued({ cashier: 'Ann e' });
    const options = { columns: 48, language: 'en', qr: 'none' } as const;
    const atOneTime = { ...sale, invoice: { ...plain.invoice, cashier: sale.invoice.cashier ?? '' } };
    expect(receiptEscPos({ ...plain, ...pick(atOneTime) }, options)).toEqual(receiptEscPos(plain, options));
    expect(receiptText({ ...plain, ...pick(atOneTime) }, options)).toBe(receiptText(plain, options));
  });
});

const pick = ({ invoice }: SaleIssued): Pick<SaleIssued, 'invoice'> => ({ invoice });

interface Picture {
  readonly rowBytes: number;
  readonly height: number;
  /** Dots that are black. */
  readonly inked: number;
  /** Where it stands in the receipt's bytes. */
  readonly begin: number;
  readonly end: number;
}

/** The pictures (GS v 0) in a receipt without a QR. */
function picturesIn(bytes: Buffer): Picture[] {
  const pictures: Picture[] = [];
  for (let at = bytes.indexOf(RASTER); at !== -1; at = bytes.indexOf(RASTER, at)) {
    const [rowBytes, height] = [bytes.readUInt16LE(at + 4), bytes.readUInt16LE(at + 6)];
    const dots = bytes.subarray(at + 8, at + 8 + rowBytes * height);
    const inked = [...dots].reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
    const end = at + 8 + dots.length;
    pictures.push({ rowBytes, height, inked, begin: at, end });
    at = end;
  }
  return pictures;
}

/** What is not drawn. */
function textIn(bytes: Buffer): Buffer {
  return picturesIn(bytes).reduceRight(
    (rest, { begin, end }) => Buffer.concat([rest.subarray(0, begin), rest.subarray(end)]),
    bytes,
  );
}

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
