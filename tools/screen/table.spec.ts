import { describe, expect, it } from 'vitest';
import { groupDigits, tableLines } from './table.js';

describe('tableLines', () => {
  it('aligns columns, numbers to the right', () => {
    const rows = [
      ['day', 'invoices'],
      ['2010-12-01', '143'],
      ['2010-12-02', '1 167'],
    ];
    expect(tableLines(rows)).toStrictEqual([
      '  day         invoices',
      '  2010-12-01       143',
      '  2010-12-02     1 167',
    ]);
  });
});

describe('groupDigits', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1_000, '1 000'],
    [-1_234_567, '-1 234 567'],
  ])('%i is %s', (value, text) => {
    expect(groupDigits(value)).toBe(text);
  });
});
