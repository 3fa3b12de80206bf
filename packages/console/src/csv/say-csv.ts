import type { Missing, SignalRule, TimelineItem } from '@tax-control/protocol/console';
import { currencyDigits, decimalOf, formatShare } from '../format/format.js';
import { codeInWords, factsInWords, isInstant, memberName } from '../format/member-words.js';
import type { Language } from '../i18n/language.js';
import { missingInWords } from '../pages/missing/missing-words.js';
import { formatMeasure, sayFact } from '../pages/signals/signal-figures.js';
import { timelineInWords } from '../pages/terminals/timeline-words.js';

/** Who reads a file, and in which zone the page shows times. */
export interface CsvReader {
  readonly language: Language;
  readonly zone: string;
}

/** A row of the server's file: cells by the heading above them. */
type Row = Readonly<Record<string, string>>;
type Say = (text: string, row: Row, reader: CsvReader) => string;

const COMPARED = ['value', 'before', 'sameWeekday'];
const MILLISECONDS_OF_DAY_2024 = (weekday: number): number => Date.UTC(2024, 0, weekday);

/** How the cells of some headings are said; all others by what they look like. */
const SAYINGS: Readonly<Record<string, Say>> = {
  name: (text, _row, { language }) => language.code('figure', text),
  total: (text, { currency }) => money(text, currency),
  turnover: (text, { currency }) => money(text, currency),
  refunds: (text, { currency }) => money(text, currency),
  voids: (text, { currency }) => money(text, currency),
  value: compared,
  before: compared,
  sameWeekday: compared,
  errorShare: share,
  measured: measure,
  threshold: measure,
  weekday: (text, _row, { language: { tag } }) =>
    new Intl.DateTimeFormat(tag, { weekday: 'long', timeZone: 'UTC' }).format(MILLISECONDS_OF_DAY_2024(Number(text))),
  hour: (text) => `${text.padStart(2, '0')}:00`,
  causes: (text, _row, reader) =>
    text.replaceAll(/(^|, )([a-z_]+) (\d+)/g, (_whole, comma: string, cause: string, count: string) =>
      [comma, codeInWords('cause', cause, reader.language), ' ', count].join(''),
    ),
  facts: (text, row, reader) => ('rule' in row ? signalFacts(text, reader) : facts(text, reader)),
  roles: (text, _row, { language }) =>
    text
      .split(' ')
      .map((role) => codeInWords('roles', role, language))
      .join(', '),
  levy: (text, _row, { language: { t } }) =>
    text === 'taxed' || text === 'untaxed' ? t(`tax_rates.levy_${text}`) : t('tax_rates.tax'),
  settings: (text, _row, reader) => facts(text, reader),
  details,
};

/** Money in the unit that people say, without its currency: that stands in a column of its own. */
function money(smallest: string, currency = ''): string {
  return /^-?\d+$/.test(smallest) ? decimalOf(smallest, currencyDigits(currency)) : smallest;
}

/** Figures beside each other: money where a currency stands in the row, a share by its name, sums of incidents, or a count. */
function compared(text: string, row: Row, { language: { tag } }: CsvReader): string {
  if (text === '') return text;
  if (row['name'] === 'offlineShare') return formatShare(Number(text), tag);
  if (row['currency'] !== undefined)
    return row['name']?.endsWith('Count') === true ? text : money(text, row['currency']);
  return text.replaceAll(/([A-Z]{3}) (-?\d+)/g, (_whole, currency: string, sum: string) =>
    [money(sum, currency), currency].join(' '),
  );
}

function share(text: string, _row: Row, { language: { tag } }: CsvReader): string {
  return text === '' ? text : formatShare(Number(text), tag);
}

function measure(text: string, { rule }: Row, { language: { tag } }: CsvReader): string {
  return text === '' ? text : formatMeasure(rule as SignalRule, Number(text), tag);
}

function signalFacts(text: string, { language }: CsvReader): string {
  const said = text.split(', ').map((fact) => {
    const [name = '', value = ''] = fact.split(': ');
    return sayFact({ name, value: /^-?[\d.]+$/.test(value) ? Number(value) : value }, language);
  });
  return text === '' ? text : said.join(', ');
}

function facts(text: string, { language, zone }: CsvReader): string {
  const parsed = parsedObject(text);
  return parsed === null ? text : factsInWords(parsed, language, zone);
}

/** What is missing, or what happened at a till: members of its own for each kind, as a sentence. */
function details(text: string, row: Row, { language, zone }: CsvReader): string {
  const parsed = parsedObject(text);
  if (parsed === null) return text;
  const whole = { ...row, ...parsed };
  return 'since' in row
    ? missingInWords(whole as unknown as Missing, language, zone)
    : timelineInWords(whole as unknown as TimelineItem, language, zone);
}

function parsedObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

/** An instant as a spreadsheet sorts it, on the clocks of the zone. */
export function zonedTime(instant: string, zone: string): string {
  const part = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const;
  const options = { ...part, second: '2-digit', hourCycle: 'h23', timeZone: zone } as const;
  return new Intl.DateTimeFormat('sv-SE', options).format(new Date(instant));
}

/**
 * The server's file as the page says it: headings and codes in the language, amounts in the unit that people say, times on the clocks of
 * the page's zone, which the heading names.
 * @param rows the first is the heading: names of members
 */
export function sayCsv(rows: readonly (readonly string[])[], reader: CsvReader): string[][] {
  const [headings = [], ...body] = rows;
  const timed = new Set(headings.filter((_, index) => body.some((row) => isInstant(row[index] ?? ''))));
  const said = body.map((cells) => sayRow(headings, cells, reader));
  return [headings.map((heading) => sayHeading(heading, timed.has(heading), reader)), ...said];
}

function sayHeading(heading: string, isTime: boolean, { language, zone }: CsvReader): string {
  const name = memberName(heading, language);
  return isTime ? `${name} (${zone})` : name;
}

function sayRow(headings: readonly string[], cells: readonly string[], reader: CsvReader): string[] {
  // Only the sentence that rows were left off has fewer cells than there are columns.
  if (cells.length < headings.length) return [reader.language.t('csv.rest')];
  const row = Object.fromEntries(headings.map((heading, index) => [heading, cells[index] ?? '']));
  return headings.map((heading, index) => sayCell(heading, cells[index] ?? '', row, reader));
}

function sayCell(heading: string, text: string, row: Row, reader: CsvReader): string {
  const { language, zone } = reader;
  if (isInstant(text)) return zonedTime(text, zone);
  if (text === 'true' || text === 'false') return language.t(text === 'true' ? 'parameters.yes' : 'parameters.no');
  const say = COMPARED.includes(heading) ? compared : SAYINGS[heading];
  return say === undefined ? codeInWords(heading, text, language) : say(text, row, reader);
}
