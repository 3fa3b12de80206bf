import { codePageOf } from './code-page.js';
import { nativeQr, rasterQr } from './escpos-qr.js';
import { type PrintableSale, receiptRows } from './receipt-rows.js';
import { addressOf, receiptLines, type ReceiptOptions } from './receipt-text.js';
import { wrap } from './text-width.js';
import { receiptWords } from './words.js';

const INITIALISE = Buffer.from([0x1b, 0x40]);
const BOLD_ON = Buffer.from([0x1b, 0x45, 1]);
const BOLD_OFF = Buffer.from([0x1b, 0x45, 0]);
const ALIGN_LEFT = Buffer.from([0x1b, 0x61, 0]);
const ALIGN_CENTER = Buffer.from([0x1b, 0x61, 1]);
const LINE_FEED = Buffer.from([0x0a]);
/** GS V 66 0: feed to the cutter and cut all but a corner. */
const CUT = Buffer.from([0x1d, 0x56, 66, 0]);

export interface ReceiptEscPosOptions extends ReceiptOptions {
  /** `native`: the printer makes the QR; `raster`: a picture; `none`: the address as text. */
  readonly qr?: 'native' | 'raster' | 'none';
}

/**
 * The receipt of a sale as bytes for an ESC/POS printer, from initialisation to the cut.
 * English in Windows 1252, Chinese in GB 18030; what the table has not is printed as a question mark.
 */
export function receiptEscPos(sale: PrintableSale, options: ReceiptEscPosOptions): Buffer {
  const { columns, language, reprint = false, qr = 'native' } = options;
  const page = codePageOf(language);
  const rows = receiptRows(sale, receiptWords(language), reprint);
  const body = receiptLines(rows, columns, page.width).flatMap((line): Buffer[] => {
    if (line.kind === 'text') {
      const text = page.encode(line.text);
      return line.bold ? [BOLD_ON, text, BOLD_OFF, LINE_FEED] : [text, LINE_FEED];
    }
    if (qr === 'none')
      return wrap(addressOf(line.text), columns, page.width).flatMap((part) => [page.encode(part), LINE_FEED]);
    const symbol = qr === 'native' ? nativeQr(line.text) : rasterQr(line.text, columns);
    return [ALIGN_CENTER, symbol, LINE_FEED, ALIGN_LEFT];
  });
  return Buffer.concat([INITIALISE, page.select, ...body, CUT]);
}
