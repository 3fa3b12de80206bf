import { describe, expect, it } from 'vitest';
import { withoutFormula } from './formula.js';

/** A character, or a range of them, that nobody sees. */
const INVISIBLE = [
  ['a tab', '\t'],
  ['a line end', '\r\n'],
  ['another control', '\u{1}'],
  ['the end of a C1 string', '\u{9C}'],
  ['a blank', ' '],
  ['a no-break space', '\u{A0}'],
  ['a soft hyphen', '\u{AD}'],
  ['a combining accent', '\u{301}'],
  ['a grapheme joiner', '\u{34F}'],
  ['an Arabic letter mark', '\u{61C}'],
  ['a Hangul filler', '\u{3164}'],
  ['a Mongolian vowel separator', '\u{180E}'],
  ['an en quad', '\u{2000}'],
  ['a zero width space', '\u{200B}'],
  ['a zero width joiner', '\u{200D}'],
  ['a right-to-left mark', '\u{200F}'],
  ['a line separator', '\u{2028}'],
  ['a right-to-left override', '\u{202E}'],
  ['a word joiner', '\u{2060}'],
  ['an isolate', '\u{2066}'],
  ['a Braille blank', '\u{2800}'],
  ['an ideographic space', '\u{3000}'],
  ['a variation selector', '\u{FE0F}'],
  ['a byte order mark', '\u{FEFF}'],
  ['an annotation anchor', '\u{FFF9}'],
  ['a private character', '\u{E000}'],
  ['half a surrogate pair', '\u{D800}'],
  ['a tag', '\u{E0041}'],
  ['a supplementary variation selector', '\u{E0100}'],
] as const;

describe.each(['=', '+', '-', '@', '|', '%', '＝', '＋', '－', '＠', '﹢', '﹣', '⁺', '₌', '−'])('%s', (start) => {
  it('begins a formula', () => expect(withoutFormula(`${start}1+1`)).toBe(`'${start}1+1`));

  it.each(INVISIBLE)('begins a formula after %s, and after several', (_, invisible) => {
    expect(withoutFormula(`${invisible}${start}1`)).toBe(`'${invisible}${start}1`);
    expect(withoutFormula(`\u{200B} ${invisible}${invisible}${start}1`)).toBe(
      `'\u{200B} ${invisible}${invisible}${start}1`,
    );
  });
});

it.each(['', ' ', 'Corner shop', ' Corner shop', 'a=1', '1-1', '税务局', '\u{200F}متجر', '👩‍🍳', '\u{FEFF}x'])(
  'leaves %j as it is',
  (text) => expect(withoutFormula(text)).toBe(text),
);
