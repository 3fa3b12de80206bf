import { describe, expect, it } from 'vitest';
import { plainText } from './text.js';

describe('plainText', () => {
  it.each([
    ['directions', 'a\u202Eb\u202Ac\u2066d\u2069e\u200Ff\u061Cg', 'abcdefg'],
    ['what has no width', 'a\u200Bb\uFEFFc\u00ADd\u{E0041}e\uFE0Ff\u3164g', 'abcdefg'],
    ['ends of lines and paragraphs', 'a\u2028b\u2029c', 'a b c'],
  ])('leaves %s out', (_what, text, plain) => {
    expect(plainText(text)).toBe(plain);
  });

  it('leaves letters of all scripts as they are, their marks and joiners too', () => {
    for (const text of ['Zoë', 'e\u0301', 'قهوة', 'שלום', 'می\u200Cخواهم', 'क्\u200Dष', '中文', '😀', 'ไทย'])
      expect(plainText(text)).toBe(text);
  });
});
