import { eastAsianWidth } from 'get-east-asian-width';

/** How many columns a character takes on the paper or screen that is meant. */
export type CharacterWidth = (character: string) => number;

const INVISIBLE = /^[\p{Mark}\p{Default_Ignorable_Code_Point}]$/u;
const FIRST_WIDE_CODE_POINT = 0x11_00;

/** Columns on a terminal (Unicode Standard Annex #11): Chinese characters take two, combining marks none. */
export function terminalWidth(character: string): number {
  const codePoint = character.codePointAt(0) ?? 0;
  if (INVISIBLE.test(character)) return 0;
  return codePoint < FIRST_WIDE_CODE_POINT ? 1 : eastAsianWidth(codePoint);
}

/** Columns of a text. */
export function widthOf(text: string, width: CharacterWidth): number {
  let columns = 0;
  for (const character of text) columns += width(character);
  return columns;
}

/** Pieces that a line may be broken between: words, spaces, and every double-width character alone. */
function pieces(text: string, width: CharacterWidth): string[] {
  const found: string[] = [];
  let word = '';
  for (const character of text) {
    const breaks = character === ' ' || width(character) > 1;
    if (!breaks) {
      word += character;
      continue;
    }
    if (word !== '') found.push(word);
    word = '';
    found.push(character);
  }
  return word === '' ? found : [...found, word];
}

/** A word longer than the line, cut where the line ends; combining marks stay with their letter. */
function cut(word: string, columns: number, width: CharacterWidth): string[] {
  const parts: string[] = [];
  let part = '';
  for (const character of word) {
    if (part !== '' && widthOf(part + character, width) > columns) {
      parts.push(part);
      part = '';
    }
    part += character;
  }
  return [...parts, part];
}

/** Breaks a text into lines of at most `columns`; an empty text is one empty line. */
export function wrap(text: string, columns: number, width: CharacterWidth): string[] {
  const lines: string[] = [];
  let line = '';
  for (const piece of pieces(text, width)) {
    if (widthOf(line + piece, width) <= columns) {
      line += piece;
      continue;
    }
    if (line.trim() !== '') lines.push(line.trimEnd());
    const parts = piece === ' ' ? [''] : cut(piece, columns, width);
    lines.push(...parts.slice(0, -1));
    line = parts.at(-1) ?? '';
  }
  return line.trim() === '' && lines.length > 0 ? lines : [...lines, line.trimEnd()];
}

/** The text at the left, the other at the right of the last line, as many lines as it takes. */
export function spread(left: string, right: string, columns: number, width: CharacterWidth): string[] {
  const rightWidth = widthOf(right, width);
  if (right === '') return wrap(left, columns, width);
  const room = columns - rightWidth - 1;
  // A figure that leaves no room for its name, and less than a third of the line, stands on a line of its own.
  if (room < columns / 3 && widthOf(left, width) > room)
    return [...wrap(left, columns, width), ...alignRight(right, columns, width)];
  const lines = wrap(left, room, width);
  const last = lines.pop() ?? '';
  return [...lines, `${last}${' '.repeat(columns - widthOf(last, width) - rightWidth)}${right}`];
}

/** At the right where it fits one line; a longer text reads better from the left. */
function alignRight(text: string, columns: number, width: CharacterWidth): string[] {
  const missing = columns - widthOf(text, width);
  return missing < 0 ? wrap(text, columns, width) : [' '.repeat(missing) + text];
}

/** Lines in the middle of the paper. */
export function center(text: string, columns: number, width: CharacterWidth): string[] {
  return wrap(text, columns, width).map(
    (line) => ' '.repeat(Math.max(0, Math.floor((columns - widthOf(line, width)) / 2))) + line,
  );
}
