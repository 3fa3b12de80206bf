import { describe, expect, it } from 'vitest';
import { center, spread, terminalWidth, widthOf, wrap } from './text-width.js';

describe('widthOf', () => {
  it.each([
    ['abc', 3],
    ['税控码', 6],
    ['ｶﾅ', 2],
    ['e\u0301', 1],
    ['\u200D', 0],
    ['한글', 4],
    ['£€', 2],
  ])('%s takes %d columns', (text, columns) => {
    expect(widthOf(text, terminalWidth)).toBe(columns);
  });
});

describe('wrap', () => {
  it.each([
    ['', 10, ['']],
    ['one two three', 8, ['one two', 'three']],
    ['abcdefghij', 4, ['abcd', 'efgh', 'ij']],
    ['ab 一二三四', 5, ['ab 一', '二三', '四']],
    ['ends here ', 9, ['ends here']],
  ])('%s at %d columns', (text, columns, lines) => {
    expect(wrap(text, columns, terminalWidth)).toEqual(lines);
  });
});

describe('spread', () => {
  it('keeps the figure on the last line of its name', () => {
    expect(spread('a name of two lines', '12.50', 16, terminalWidth)).toEqual(['a name of', 'two lines  12.50']);
  });

  it('gives a long text lines of its own', () => {
    expect(spread('name', 'x'.repeat(12), 12, terminalWidth)).toEqual(['name', 'x'.repeat(12)]);
    expect(spread('name', 'x'.repeat(14), 12, terminalWidth)).toEqual(['name', 'x'.repeat(12), 'xx']);
  });
});

describe('center', () => {
  it('leans to the left where it must', () => {
    expect(center('税控', 9, terminalWidth)).toEqual(['  税控']);
  });
});
