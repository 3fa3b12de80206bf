import { parse } from 'csv-parse';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { penceOfPounds } from './pence.js';
import type { ShopInvoice, ShopRow } from './shop-invoice.js';

/** A file is not the shop data that its name promised; the message names file, line and what to do. */
export class ShopDataError extends Error {}

const COLUMNS = [
  'InvoiceNo',
  'StockCode',
  'Description',
  'Quantity',
  'InvoiceDate',
  'UnitPrice',
  'CustomerID',
  'Country',
];
const INTEGER_PATTERN = /^-?[0-9]+$/;
const TIME_PATTERN = /^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$/;

/**
 * The invoices of one CSV file, in order of their first row. Text is taken as it stands: odd spacing, quotes and empty
 * descriptions are part of it.
 * @throws ShopDataError where a row cannot be understood: leaving it out would bend the shop's totals
 */
export async function readShopData(file: string): Promise<ShopInvoice[]> {
  const invoices = new Map<string, ShopInvoice & { rows: ShopRow[] }>();
  const parser = parse({ columns: (header: string[]) => checkHeader(header, file), bom: true, info: true });
  // What befalls the file (not there, a folder, not ours to read) ends the reading of rows, too.
  const source = createReadStream(file).on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  try {
    for await (const item of parser) {
      const { record, info } = item as { record: Record<string, string>; info: { lines: number } };
      const place = `${file}, line ${info.lines}`;
      const number = take(record, 'InvoiceNo', place);
      const row = readRow(record, place);
      const invoice = invoices.get(number);
      if (invoice === undefined) invoices.set(number, startInvoice(record, row, file, place));
      else invoice.rows.push(row);
    }
  } catch (error) {
    if (error instanceof ShopDataError) throw error;
    throw new ShopDataError(`${file} cannot be read as CSV: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (invoices.size === 0) throw new ShopDataError(`${file} has no rows. Name a file with the shop's invoices.`);
  return [...invoices.values()];
}

function checkHeader(header: string[], file: string): string[] {
  const missing = COLUMNS.filter((column) => !header.includes(column));
  if (missing.length > 0)
    throw new ShopDataError(
      `${file} lacks the column ${missing.join(', ')}. Its first line must name ${COLUMNS.join(', ')}.`,
    );
  return header;
}

function startInvoice(
  record: Record<string, string>,
  row: ShopRow,
  file: string,
  place: string,
): ShopInvoice & { rows: ShopRow[] } {
  const number = take(record, 'InvoiceNo', place);
  const localTime = take(record, 'InvoiceDate', place);
  if (number === '') throw new ShopDataError(`${place}: the row names no InvoiceNo.`);
  if (!TIME_PATTERN.test(localTime))
    throw new ShopDataError(`${place}: InvoiceDate must look like 2010-12-01 08:26:00.`);
  return {
    saleId: `${basename(file, '.csv')}/${number}`,
    number,
    localTime,
    customerId: take(record, 'CustomerID', place).replace(/\.0$/, ''),
    country: take(record, 'Country', place),
    rows: [row],
  };
}

function readRow(record: Record<string, string>, place: string): ShopRow {
  const quantity = take(record, 'Quantity', place);
  const unitPricePence = penceOfPounds(take(record, 'UnitPrice', place));
  if (!INTEGER_PATTERN.test(quantity)) throw new ShopDataError(`${place}: Quantity must be a whole number.`);
  if (unitPricePence === null) throw new ShopDataError(`${place}: UnitPrice must be a decimal number like 2.55.`);
  return {
    stockCode: take(record, 'StockCode', place),
    description: take(record, 'Description', place),
    quantity: Number(quantity),
    unitPricePence,
  };
}

function take(record: Record<string, string>, column: string, place: string): string {
  const value = record[column];
  if (value === undefined) throw new ShopDataError(`${place}: the row has no ${column}.`);
  return value;
}
