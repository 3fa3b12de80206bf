import { expect, it } from 'vitest';
import { csvText } from './csv-text.js';

it('quotes texts, leaves numbers numbers and takes formulas out', () => {
  const [first, second] = csvText([
    ['name', ' =1+1', '＝2'],
    ['say "no"', '-3', '@x'],
  ]).split('\r\n');
  expect(first).toBe(`\u{FEFF}"name","' =1+1","'＝2"`);
  expect(second).toBe(`"say ""no""",-3,"'@x"`);
});
