import { nativeQr, rasterQr } from './escpos-qr.js';
import { linePicture } from './line-picture.js';
import { PRINTER_PROFILE_DEFAULT, type PrinterProfile } from './printer-profiles.js';
import { printerText } from './printer-text.js';
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
  /** Whose code pages the printer has; `common`, if left out. Chinese receipts are in GB 18030 on every printer. */
  readonly printer?: PrinterProfile;
}

/**
 * The receipt of a sale as bytes for an ESC/POS printer, from initialisation to the cut.
 * English in the code pages of the printer's profile, Chinese in GB 18030. A line with a character that none of them has, or that is
 * written from right to left, is drawn.
 */
export function receiptEscPos(sale: PrintableSale, options: ReceiptEscPosOptions): Buffer {
  const { columns, language, reprint = false, qr = 'native', printer = PRINTER_PROFILE_DEFAULT } = options;
  const page = printerText(language, printer);
  const print = (text: string, bold = false): Buffer[] => {
    const encoded = page.encode(text);
    // The picture feeds the paper by its own height.
    if (encoded === null) return [linePicture(text, columns, page.width, bold)];
    return bold ? [BOLD_ON, encoded, BOLD_OFF, LINE_FEED] : [encoded, LINE_FEED];
  };
  const rows = receiptRows(sale, receiptWords(language), reprint);
  const body = receiptLines(rows, columns, page.width).flatMap((line): Buffer[] => {
    if (line.kind === 'text') return print(line.text, line.bold);
    if (qr === 'none') return wrap(addressOf(line.text), columns, page.width).flatMap((part) => print(part));
    const symbol = qr === 'native' ? nativeQr(line.text) : rasterQr(line.text, columns);
    return [ALIGN_CENTER, symbol, LINE_FEED, ALIGN_LEFT];
  });
  return Buffer.concat([INITIALISE, page.select, ...body, CUT]);
}
