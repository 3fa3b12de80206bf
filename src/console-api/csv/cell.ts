import { withoutFormula } from '@tax-control/protocol/console';

/** What a cell can be. Money comes as text of digits and stays one number. */
export type Cell = string | number | boolean | null;

/** A number as we write it, also one too large for a spreadsheet's own arithmetic. */
const NUMBER = /^-?[0-9]+(\.[0-9]+)?$/;
const QUOTED = /[",\r\n;\t]|^\s|\s$/;

/** One cell (RFC 4180). A text that a spreadsheet could take for a formula is made harmless; a number stays a number, be it negative. */
export function csvCell(value: Cell): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  if (NUMBER.test(value)) return value;
  const harmless = withoutFormula(value);
  return QUOTED.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** One row with its end of line. */
export function csvRow(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}
