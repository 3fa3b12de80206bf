import { fileNameFor, type FilePeriod } from './file-name.js';
import { readCsv } from './read-csv.js';
import { type CsvReader, sayCsv } from './say-csv.js';

/** The server's file as the page says it, and the name that it is kept under. */
export function pageCsv(
  text: string,
  name: string,
  period: FilePeriod,
  reader: CsvReader,
): { readonly rows: string[][]; readonly fileName: string } {
  return { rows: sayCsv(readCsv(text), reader), fileName: fileNameFor(name, period, reader.zone) };
}

export { sayCsv };
