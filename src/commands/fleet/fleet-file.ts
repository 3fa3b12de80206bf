import { CsvError, parse } from 'csv-parse/sync';
import { IDENTIFIER_RULE, isIdentifier } from '../../registry/identifier.js';
import { decodeText } from './decode-text.js';
import { shown } from './shown.js';

/** Columns by their headings. `taxpayer` may be left out; where it is given it must be the one that the premises belong to. */
export const FLEET_COLUMNS = ['terminal', 'premises', 'taxpayer'] as const;
export type FleetColumn = (typeof FLEET_COLUMNS)[number];
const REQUIRED_COLUMNS: readonly FleetColumn[] = ['terminal', 'premises'];

/** Rows of one file: two and a half times the tills of a country (DESIGN §8); what is more is a wrong file. */
export const FLEET_ROWS_MAX = 50_000;
/** The heading, and what stands behind the last line feed. */
const LINES_BESIDE_ROWS = 2;
/** Bytes of one file: three identifiers of 64 letters for each row, with their separators. */
export const FLEET_BYTES_MAX = FLEET_ROWS_MAX * 200;
/** Letters of one row: more than three identifiers, quoted, can have; what is longer is no row. */
const ROW_LENGTH_MAX = 1_000;

/** A terminal to register. `line`: where it stands in the file, the heading being line 1. */
export interface FleetRow {
  readonly line: number;
  readonly terminalId: string;
  readonly premisesId: string;
  readonly taxpayerId: string | null;
}

/** What is wrong in the file, and where. */
export interface FleetFault {
  readonly line: number;
  readonly reason: string;
}

export interface FleetFile {
  readonly rows: readonly FleetRow[];
  /** All of them, in order of lines. */
  readonly faults: readonly FleetFault[];
}

interface Parsed {
  readonly record: string[];
  readonly line: number;
}

/**
 * Reads a fleet of terminals from CSV (RFC 4180, UTF-8, commas, a heading). Rows that can be read come back beside the faults of
 * the others, so that whoever corrects the file learns everything at once.
 */
export function readFleetFile(bytes: Uint8Array): FleetFile {
  const reading = decodeText(bytes);
  if (!reading.ok) return { rows: [], faults: [{ line: reading.line, reason: reading.reason }] };
  if (reading.text.split('\n', FLEET_ROWS_MAX + LINES_BESIDE_ROWS + 1).length > FLEET_ROWS_MAX + LINES_BESIDE_ROWS)
    return { rows: [], faults: [{ line: 1, reason: `The file has more than ${FLEET_ROWS_MAX} rows. Divide it.` }] };
  const faults: FleetFault[] = [];
  const [heading, ...body] = parseRows(reading.text, faults);
  if (heading === undefined) return { rows: [], faults: [{ line: 1, reason: EMPTY }, ...faults] };
  const columns = readHeading(heading.record);
  if (typeof columns === 'string') return { rows: [], faults: [{ line: heading.line, reason: columns }] };
  const rows = body.flatMap(({ record, line }) => readRow(record, line, columns, faults));
  if (body.length === 0 && faults.length === 0)
    faults.push({ line: 1, reason: 'The file has a heading and no rows below it.' });
  faults.push(...repeated(rows));
  return { rows, faults: faults.toSorted((one, other) => one.line - other.line) };
}

const EMPTY = `The file is empty. Its first line names the columns: ${FLEET_COLUMNS.join(',')}.`;

/**
 * Each line by itself: no column may hold a line break, and so a quotation mark that is not closed spoils its own line and none
 * below it. Lines without anything in them are passed by; spreadsheets write commas alone below the last row.
 */
function parseRows(text: string, faults: FleetFault[]): Parsed[] {
  return text.split(/\r\n|\n|\r/).flatMap((row, index) => {
    const line = index + 1;
    if (/^[\s,]*$/.test(row)) return [];
    if (row.length > ROW_LENGTH_MAX) {
      faults.push({ line, reason: `The row is longer than ${ROW_LENGTH_MAX} letters.` });
      return [];
    }
    const record = cellsOf(row);
    if (record === null) faults.push({ line, reason: UNBALANCED });
    return record === null ? [] : [{ record, line }];
  });
}

const UNBALANCED = 'A quotation mark stands where none may, or is not closed (RFC 4180).';

function cellsOf(row: string): string[] | null {
  if (!row.includes('"')) return row.split(',').map((cell) => cell.trim());
  try {
    return parse(row, { trim: true, relax_quotes: true, relax_column_count: true })[0] ?? [];
  } catch (error) {
    if (error instanceof CsvError) return null;
    throw error;
  }
}

/** Where each column stands, or what is wrong with the heading. */
function readHeading(record: readonly string[]): Record<FleetColumn, number> | string {
  const names = record.map((name) => name.toLowerCase());
  const [only = ''] = names;
  if (names.length === 1 && /[;\t]/.test(only))
    return 'The columns are divided by semicolons or tabs. Export the file with commas.';
  const unknown = names.find((name) => !FLEET_COLUMNS.includes(name as FleetColumn));
  if (unknown !== undefined)
    return `There is no column ${shown(unknown)}. The first line names the columns: ${FLEET_COLUMNS.join(', ')}.`;
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return `The column ${twice} stands there twice.`;
  const absent = REQUIRED_COLUMNS.find((name) => !names.includes(name));
  if (absent !== undefined) return `The column ${absent} is missing.`;
  const [terminal, premises, taxpayer] = FLEET_COLUMNS.map((name) => names.indexOf(name));
  return { terminal: terminal ?? -1, premises: premises ?? -1, taxpayer: taxpayer ?? -1 };
}

function readRow(
  record: readonly string[],
  line: number,
  columns: Record<FleetColumn, number>,
  faults: FleetFault[],
): FleetRow[] {
  const count = Object.values(columns).filter((place) => place >= 0).length;
  if (record.length !== count) {
    faults.push({ line, reason: `The row has ${record.length} columns, the heading ${count}.` });
    return [];
  }
  const bad = FLEET_COLUMNS.flatMap((column) => {
    const value = record[columns[column]];
    if (value === undefined || isIdentifier(value)) return [];
    if (value === '') return column === 'taxpayer' ? [] : [`The ${column} is missing.`];
    return [`The ${column} ${shown(value)} is not ${IDENTIFIER_RULE}.`];
  });
  faults.push(...bad.map((reason) => ({ line, reason })));
  if (bad.length > 0) return [];
  const taxpayer = record[columns.taxpayer] ?? '';
  return [
    {
      line,
      terminalId: record[columns.terminal] ?? '',
      premisesId: record[columns.premises] ?? '',
      taxpayerId: taxpayer === '' ? null : taxpayer,
    },
  ];
}

function repeated(rows: readonly FleetRow[]): FleetFault[] {
  const first = new Map<string, number>();
  return rows.flatMap(({ terminalId, line }) => {
    const before = first.get(terminalId);
    if (before === undefined) first.set(terminalId, line);
    return before === undefined
      ? []
      : [{ line, reason: `The terminal ${terminalId} stands in line ${before} already.` }];
  });
}
