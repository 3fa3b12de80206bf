export * from './api.js';
export { receiptEscPos, type ReceiptEscPosOptions } from './receipt/receipt-escpos.js';
export type { PrintableSale } from './receipt/receipt-rows.js';
export {
  RECEIPT_COLUMNS,
  type ReceiptColumns,
  receiptText,
  type ReceiptOptions,
  type ReceiptTextOptions,
} from './receipt/receipt-text.js';
export { RECEIPT_LANGUAGES, type ReceiptLanguage } from './receipt/words.js';
