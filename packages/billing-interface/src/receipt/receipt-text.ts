import { plainText } from '@tax-control/protocol';
import { qrLines } from './qr.js';
import { type PrintableSale, type ReceiptRow, receiptRows } from './receipt-rows.js';
import { center, spread, terminalWidth, type CharacterWidth, widthOf, wrap } from './text-width.js';
import { type ReceiptLanguage, receiptWords } from './words.js';

/** Characters on a line of 58 mm paper (32) and 80 mm paper (42 or 48, by printer). */
export const RECEIPT_COLUMNS = [32, 42, 48] as const;
export type ReceiptColumns = (typeof RECEIPT_COLUMNS)[number];

export interface ReceiptOptions {
  readonly columns: ReceiptColumns;
  readonly language: ReceiptLanguage;
  /** Says on the paper that it was printed again. */
  readonly reprint?: boolean;
}

export interface ReceiptTextOptions extends ReceiptOptions {
  /** `paper`: dark squares are inked; `screen`: for light letters on a dark ground; `none`: the address instead. */
  readonly qr?: 'paper' | 'screen' | 'none';
}

/** A printed line, or the place of the QR. */
export type ReceiptLine =
  | { readonly kind: 'text'; readonly text: string; readonly bold: boolean }
  | { readonly kind: 'qr'; readonly text: string };

/** Lays the rows of a receipt out on lines of `columns`. */
export function receiptLines(rows: readonly ReceiptRow[], columns: number, width: CharacterWidth): ReceiptLine[] {
  return rows.flatMap((row): ReceiptLine[] => {
    if (row.kind === 'qr') return [row];
    const bold = row.kind === 'heading' || (row.kind !== 'rule' && row.bold === true);
    return layOut(row, columns, width).map((text) => ({ kind: 'text', text: text.trimEnd(), bold }));
  });
}

/** Composed, and without what would turn round or hide the text beside it. */
function printable(text: string): string {
  return plainText(text).normalize();
}

function layOut(row: Exclude<ReceiptRow, { kind: 'qr' }>, columns: number, width: CharacterWidth): string[] {
  if (row.kind === 'rule') return ['-'.repeat(columns)];
  if (row.kind === 'pair') return spread(printable(row.left), printable(row.right), columns, width);
  return (row.kind === 'heading' ? center : wrap)(printable(row.text), columns, width);
}

/**
 * The receipt of a sale as text: lines of at most `columns`, each ended by a line feed, double-width characters counted
 * as two. A QR that is too wide for the paper is replaced by the address that it would hold.
 */
export function receiptText(sale: PrintableSale, options: ReceiptTextOptions): string {
  const { columns, language, reprint = false, qr = 'paper' } = options;
  const rows = receiptRows(sale, receiptWords(language), reprint);
  return receiptLines(rows, columns, terminalWidth)
    .flatMap((line) => (line.kind === 'text' ? [line.text] : qrText(line.text, columns, qr)))
    .map((line) => `${line}\n`)
    .join('');
}

/** What of a QR's text is printed where it has to be typed, or where all of it makes too large a symbol: without the proof in its query. */
export function addressOf(qrText: string): string {
  const [address = ''] = qrText.split('?');
  return address;
}

function qrText(text: string, columns: number, style: 'paper' | 'screen' | 'none'): string[] {
  const inverted = style === 'screen';
  const address = addressOf(text);
  const lines = style === 'none' ? null : (qrLines(text, columns, inverted) ?? qrLines(address, columns, inverted));
  if (lines === null) return wrap(address, columns, terminalWidth);
  const indent = ' '.repeat(Math.floor((columns - widthOf(lines[0] ?? '', terminalWidth)) / 2));
  return lines.map((line) => (style === 'screen' ? indent + line : (indent + line).trimEnd()));
}
