import { withoutFormula } from '@tax-control/protocol/console';

/** So that spreadsheets take the text for UTF-8. */
const BYTE_ORDER_MARK = '\u{FEFF}';

/** A number stays one, be it negative. */
const NUMBER = /^-?\d+(\.\d+)?$/;

function cellOf(text: string): string {
  if (NUMBER.test(text)) return text;
  return `"${withoutFormula(text).replaceAll('"', '""')}"`;
}

/** A table of texts as CSV (RFC 4180), in which no cell is a formula. */
export function csvText(rows: readonly (readonly string[])[]): string {
  return BYTE_ORDER_MARK + rows.map((row) => `${row.map(cellOf).join(',')}\r\n`).join('');
}
