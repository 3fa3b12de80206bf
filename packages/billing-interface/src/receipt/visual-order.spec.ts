import { describe, expect, it } from 'vitest';
import { visualOrder } from './visual-order.js';

const shown = (text: string): string[] => visualOrder(text).map(({ base, marks }) => base + marks.join(''));

describe('visualOrder', () => {
  it('leaves what is written from left to right as it is, marks with their letters', () => {
    expect(shown('Kůň 2')).toEqual(['K', 'ů', 'ň', ' ', '2']);
    expect(shown('กำ')).toEqual(['ก', 'ำ']);
    expect(shown('x\u0323y')).toEqual(['x\u0323', 'y']);
  });

  it('turns Hebrew round, and leaves numbers and Latin words in it readable', () => {
    expect(shown('שלום').join('')).toBe('םולש');
    expect(shown('קפה 12 Milk').join('')).toBe('12 הפק Milk');
  });

  it('joins Arabic letters, lam with alef as one, and turns brackets', () => {
    expect(shown('سلام')).toEqual(['\uFEE1', '\uFEFC', '\uFEB3']);
    expect(shown('خبز')).toEqual(['\uFEB0', '\uFE92', '\uFEA7']);
    expect(shown('(لا)')).toEqual(['(', '\uFEFB', ')']);
    // A letter that joins none behind it, marks passed over, and Persian.
    expect(shown('ده')).toEqual(['\uFEE9', '\uFEA9']);
    expect(shown('بَب')).toEqual(['\uFE90', '\uFE91\u064E']);
    expect(shown('گپ')).toEqual(['\uFB57', '\uFB94']);
    // A joiner without width parts two letters that would join.
    expect(shown('ب\u200Cب')).toEqual(['\uFE8F', '\u200C', '\uFE8F']);
  });
});
