import { RECEIPT_COLUMNS, type ReceiptColumns } from '../receipt/receipt-text.js';

export const COLUMNS_DEFAULT = 48;

/** The columns that a word names; the choices of the option let no other word through. */
export function columnsOf(word: string): ReceiptColumns {
  return RECEIPT_COLUMNS.find((columns) => String(columns) === word) ?? COLUMNS_DEFAULT;
}
