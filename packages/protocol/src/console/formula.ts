/** With these spreadsheets begin a formula (OWASP, CSV Injection). The minus sign U+2212 is one of them to some. */
const FORMULA_START = /^[=+\-\u{2212}@|%]/u;

/** Some spreadsheets drop these, and look at what follows; a text of a shop has no business beginning with one. */
const DROPPED_START = /^[\t\r\n]/;

/**
 * Characters that leave no mark: controls, formats (zero width, direction, byte order), separators, accents without a letter, and what
 * Unicode draws blank (Hangul fillers, the Braille blank). Each program drops others of them.
 */
const INVISIBLE_START = /^[\p{C}\p{Z}\p{M}\p{Default_Ignorable_Code_Point}\u{2800}]+/u;

/**
 * Puts an apostrophe before a text that a spreadsheet could take for a formula: by it spreadsheets know a text. Invisible characters
 * before the formula count as nothing, and wide, small and raised forms of a character as the character (Unicode's NFKC).
 */
export function withoutFormula(text: string): string {
  const firstVisible = text.replace(INVISIBLE_START, '').slice(0, 1).normalize('NFKC');
  return DROPPED_START.test(text) || FORMULA_START.test(firstVisible) ? `'${text}` : text;
}
