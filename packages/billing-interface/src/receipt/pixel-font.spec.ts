import { describe, expect, it } from 'vitest';
import { pixelFont } from './pixel-font.js';

/** A glyph as text, without its empty rows. */
function drawn(character: string): string[] {
  const glyph = pixelFont().glyph(character.codePointAt(0) ?? 0);
  if (glyph === null) return [];
  const rows = glyph.rows.map((row) => row.toString(2).padStart(glyph.width, '0'));
  return rows.filter((row) => row.includes('1')).map((row) => row.replaceAll('0', '.').replaceAll('1', '#'));
}

describe('the font that lines are drawn with', () => {
  it('has the squares of a letter, with the hole in it', () => {
    expect(drawn('A')).toEqual([
      '...##..',
      '..#..#.',
      '..#..#.',
      '.#....#',
      '.#....#',
      '.######',
      '.#....#',
      '.#....#',
      '.#....#',
      '.#....#',
    ]);
  });

  it.each(['č', 'ł', 'ő', 'đ', 'Ж', 'Ω', '\uFEFC', 'ש', '中', 'か', '한', 'ก', 'ह', '€', '😀', '\uFFFD'])(
    'has %s',
    (character) => {
      expect(drawn(character).length).toBeGreaterThan(1);
    },
  );

  it('says how wide glyphs are, and where marks stand', () => {
    const font = pixelFont();
    expect([font.glyph(0x41)?.advance, font.glyph(0x4e2d)?.advance]).toEqual([8, 16]);
    expect(font.glyph(0x301)).toMatchObject({ advance: 0, left: -6 });
    expect(font.glyph(0x10fffd)).toBeNull();
  });
});
