import { describe, expect, it } from 'vitest';
import { hasMoreValuesThan } from './json-values.js';

const more = (text: string, valuesMax: number): boolean => hasMoreValuesThan(Buffer.from(text), valuesMax);

describe('hasMoreValuesThan', () => {
  it.each([
    ['[[[[[[[[', 8],
    ['[[],[],[]]', 6],
    ['{"a":{"b":1},"c":[2]}', 4],
    ['{"a":"x"}  ', 1],
  ])('counts what %s has: %d', (text, values) => {
    expect([more(text, values), more(text, values - 1)]).toEqual([false, true]);
  });

  it.each([
    ['"[[[[,,,,{{{{"'],
    [String.raw`"\"[[[["`],
    [String.raw`"\\\"[[[["`],
    ['"[[[[ without an end'],
    [String.raw`"[[[[\"`],
    [`"${'\\'.repeat(9)}`],
    ['       '],
  ])('counts nothing of strings: %s', (text) => {
    expect(more(text, 0)).toBe(false);
  });

  it('counts again after a string that ends in a backslash', () => {
    expect([more(String.raw`"\\"[[[[`, 4), more(String.raw`"\\"[[[[`, 3)]).toEqual([false, true]);
  });
});
