export * from './api.js';
export { PRINTER_PROFILE_NAMES, type PrinterProfile } from './receipt/printer-profiles.js';
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
export { enrol, type EnrolOptions, type EnrolResult } from './enrolment/enrol.js';
export { exportJournal } from './journal/export-journal.js';
export { JournalUnavailable } from './journal/journal-unavailable.js';
export { type JournalVerification, verifyJournal, type VerifyOptions } from './journal/verify-journal.js';
export { openTill, type OpenTillOptions, TillUnavailable } from './till/open-till.js';
export type { TillPace } from './till/pace.js';
export type { TillStep } from './till/till-parts.js';
export { type Clock, systemClock } from '@tax-control/protocol';
