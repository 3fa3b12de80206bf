import { describe, expect, it } from 'vitest';
import { DICTIONARIES, type LanguageTag } from '../i18n/dictionaries.js';
import { fillIn, type Language } from '../i18n/language.js';
import { fileNameFor } from './file-name.js';
import { readCsv } from './read-csv.js';
import { sayCsv } from './say-csv.js';

function languageOf(tag: LanguageTag): Language {
  const words: Readonly<Record<string, string>> = DICTIONARIES[tag];
  return {
    tag,
    choose: () => undefined,
    t: (key, values) => fillIn(words[key] ?? '', values),
    code: (family, code) => words[`${family}.${code}`] ?? code,
  };
}

const ZONE = 'Asia/Shanghai';
const say = (text: string, tag: LanguageTag = 'en'): string[][] =>
  sayCsv(readCsv(text), { language: languageOf(tag), zone: ZONE });

describe('reading a CSV', () => {
  it('gives the cells back, quoted or not', () =>
    expect(readCsv('\u{FEFF}a,b,c\r\n1,"say ""no"", twice",\r\n"two\r\nlines",,x\r\n')).toEqual([
      ['a', 'b', 'c'],
      ['1', 'say "no", twice', ''],
      ['two\r\nlines', '', 'x'],
    ]));
});

describe('a file of the console', () => {
  it('says amounts as the page does, beside their currency', () => {
    expect(
      say('currency,name,value,before,sameWeekday\r\nGBP,turnover,37385,-5,0\r\nJPY,salesCount,12,3,4\r\n'),
    ).toEqual([
      ['Currency', 'Name', 'Value', 'Period before', 'Same weekdays'],
      ['GBP', 'Turnover', '373.85', '-0.05', '0.00'],
      ['JPY', 'Sales: number', '12', '3', '4'],
    ]);
    expect(say('currency,total\r\nJPY,250\r\nKWD,1234\r\n').slice(1)).toEqual([
      ['JPY', '250'],
      ['KWD', '1.234'],
    ]);
    expect(say('incidentId,value\r\n1,"GBP 37385, EUR 5"\r\n')[1]).toEqual(['1', '373.85 GBP, 0.05 EUR']);
  });

  it('has its headings and codes in the language, and times on the clocks of the zone that it names', () => {
    const file = 'at,outcome,cause,terminalId\r\n2026-11-30T20:05:09.000Z,not_tried,connect_timeout,north-1\r\n';
    expect(say(file)).toEqual([
      ['Time (Asia/Shanghai)', 'Outcome', 'Cause', 'Terminal'],
      ['2026-12-01 04:05:09', 'Not even tried', 'No connection in time', 'north-1'],
    ]);
    const [headings = [], row = []] = say(file, 'zh-CN');
    expect([...headings, ...row.slice(1, 3)].filter((text) => !/[\u4e00-\u9fff]/.test(text))).toEqual([]);
  });

  it('says of a rate whether it is a levy', () => {
    expect(say('category,levy\r\nfood,\r\ncity,untaxed\r\n')).toEqual([
      ['Category', 'Sort'],
      ['food', 'Tax of goods'],
      ['city', 'Levy beside the tax'],
    ]);
  });

  it('says objects of the server as sentences', () => {
    const gap = JSON.stringify({ journalId: 'j', from: 3, to: 5, count: 3, mayStillWait: false }).replaceAll('"', '""');
    expect(say(`kind,since,details\r\ngap,2026-11-30T00:00:00.000Z,"${gap}"\r\n`)[1]?.[2]).toBe(
      'Counters 3 to 5 were never sent (3).',
    );
    const facts = JSON.stringify({ from: 'active', to: 'suspended' }).replaceAll('"', '""');
    expect(say(`action,facts\r\nterminal.status_changed,"${facts}"\r\n`)[1]).toEqual([
      'Status of a terminal changed',
      'From: active, To: suspended',
    ]);
  });

  it('says that rows were left off, and leaves what it does not know as it is', () => {
    expect(say('at,newMember\r\nx,y\r\nMore than 100000 rows: narrow …\r\n')).toEqual([
      ['Time', 'newMember'],
      ['x', 'y'],
      [expect.stringContaining('more rows')],
    ]);
  });
});

describe('the name of a file', () => {
  it.each([
    ['2026-11-23T16:00:00.000Z', '2026-11-30T16:00:00.000Z', 'entries_2026-11-24_2026-11-30.csv'],
    ['2026-11-29T16:00:00.000Z', '2026-11-30T16:00:00.000Z', 'entries_2026-11-30.csv'],
    ['2026-11-29T16:00:00.000Z', '2026-11-30T04:15:00.000Z', 'entries_2026-11-30_2026-11-30T1215.csv'],
    [undefined, undefined, 'entries.csv'],
  ])('has the period from %s to %s', (from, to, name) =>
    expect(fileNameFor('entries.csv', { from, to }, ZONE)).toBe(name),
  );
});
