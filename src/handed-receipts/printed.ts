import { DATE_TIME_PATTERN, hasCalendarDate } from '@tax-control/protocol';

const TIME = new RegExp(DATE_TIME_PATTERN);
/** The address in the QR of a receipt with a code. */
const QR = /^https?:\/\/[^?#]*\/v\/([0-9]{20})\/?$/i;

/** A time as receipts print it, `2026-11-22 18:21:07+08:00`, or as RFC 3339 writes it; RFC 3339, or null: it is none, or lacks its offset. */
export function printedTime(typed: string): string | null {
  // Between date and time a letter T, between time and offset nothing.
  const [date = '', ...rest] = typed
    .trim()
    .toUpperCase()
    .split(/[\sT]+/);
  const time = `${date}T${rest.join('')}`;
  return TIME.test(time) && hasCalendarDate(time) ? time : null;
}

/** The code in the text of a receipt's QR; any other text as it is. */
export function codeOfQr(text: string): string {
  return QR.exec(text.trim())?.[1] ?? text;
}
