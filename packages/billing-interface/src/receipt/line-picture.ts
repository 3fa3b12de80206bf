import { GLYPH_ROWS, pixelFont, type PixelGlyph } from './pixel-font.js';
import { type CharacterWidth, widthOf } from './text-width.js';
import { visualOrder } from './visual-order.js';

const GS = 0x1d;
/** Dots of a column and of a line: font A of printers, beside whose letters the drawn ones stand. */
const COLUMN_DOTS = 12;
const LINE_DOTS = 24;
/** Dots of a square of the font. One and a half: every square covers two dots, so that strokes come out alike, as thick as the printer's. */
const SQUARE_DOTS = 1.5;
const DOTS_PER_BYTE = 8;
const FIRST_FORM = '\uFB50';
const LAST_FORM = '\uFEFC';
/** The joiners, which only say how their neighbours are written. */
const UNSEEN = /\p{Default_Ignorable_Code_Point}/u;
/** Advance of a glyph of one column, in squares. A form of lam and alef is one such, and was laid out as two. */
const HALF_WIDTH = 8;
/** What stands at the left and at the right of a line is ordered by itself, or an amount would change its side. */
const PARTS = /( {2,}| (?=-?\d[\d.,]*(?: [A-Z ]?)?$))/;
/** Drawn for a character that the font has not: everybody sees that something is missing. */
const REPLACEMENT = 0xfffd;

/**
 * A line of text as a picture (GS v 0), for what the printer has no letters for. It takes the columns that the text was laid out with, so that
 * what stands at the right still does.
 */
export function linePicture(text: string, columns: number, width: CharacterWidth, bold: boolean): Buffer {
  const rowBytes = Math.ceil((columns * COLUMN_DOTS) / DOTS_PER_BYTE);
  const picture = Buffer.alloc(rowBytes * LINE_DOTS);
  let begin = 0;
  for (const part of text.split(PARTS)) {
    let column = begin;
    for (const { base, marks } of visualOrder(part)) {
      const columnsOfBase = widthOf(asLaidOut(base), width);
      drawCluster({ picture, rowBytes }, column, columnsOfBase, [base, ...marks].map(glyphOf), bold);
      column += glyphOf(base)?.advance === HALF_WIDTH ? 1 : columnsOfBase;
    }
    begin += widthOf(part, width);
  }
  const head = [GS, 0x76, 0x30, 0, rowBytes & 0xff, rowBytes >> 8, LINE_DOTS & 0xff, LINE_DOTS >> 8];
  return Buffer.concat([Buffer.from(head), picture]);
}

/** Forms that were chosen for Arabic letters took the columns of the letters: two for lam with alef. */
function asLaidOut(base: string): string {
  return base >= FIRST_FORM && base <= LAST_FORM ? base.normalize('NFKC') : base;
}

function glyphOf(character: string): PixelGlyph | null {
  if (UNSEEN.test(character)) return null;
  const font = pixelFont();
  return font.glyph(character.codePointAt(0) ?? 0) ?? font.glyph(REPLACEMENT);
}

interface Canvas {
  readonly picture: Buffer;
  readonly rowBytes: number;
}

/** A glyph and its marks. One that is wider than its columns is made narrower. */
function drawCluster(
  canvas: Canvas,
  column: number,
  columns: number,
  [base, ...marks]: readonly (PixelGlyph | null)[],
  bold: boolean,
): void {
  const advance = base?.advance ?? 0;
  const dots = advance === 0 ? SQUARE_DOTS : Math.min(SQUARE_DOTS, (columns * COLUMN_DOTS) / advance);
  const origin = column * COLUMN_DOTS;
  if (base) draw(canvas, origin, dots, base, bold);
  for (const mark of marks) if (mark) draw(canvas, mark.left < 0 ? origin + advance * dots : origin, dots, mark, bold);
}

function draw(canvas: Canvas, origin: number, dots: number, glyph: PixelGlyph, bold: boolean): void {
  for (let row = 0; row < GLYPH_ROWS; row++) {
    for (let square = 0; square < glyph.width; square++) {
      if (((glyph.rows[row] ?? 0) >> (glyph.width - 1 - square)) % 2 === 0) continue;
      const left = origin + (glyph.left + square) * dots;
      const right = Math.ceil(left + dots) + (bold ? 1 : 0);
      const top = Math.floor(row * SQUARE_DOTS);
      for (let y = top; y < top + 2; y++) for (let x = Math.floor(left); x < right; x++) ink(canvas, x, y);
    }
  }
}

function ink({ picture, rowBytes }: Canvas, x: number, y: number): void {
  if (x < 0 || x >= rowBytes * DOTS_PER_BYTE || y >= LINE_DOTS) return;
  const place = y * rowBytes + Math.floor(x / DOTS_PER_BYTE);
  picture[place] = (picture[place] ?? 0) | (0x80 >> (x % DOTS_PER_BYTE));
}
