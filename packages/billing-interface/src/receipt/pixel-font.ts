import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { inflateSync } from 'node:zlib';

/**
 * Squares of a glyph from top to bottom; in each number the highest of `width` bits is the leftmost square.
 * @property advance squares from its origin to the next glyph's; 0 for marks
 * @property left squares from the origin to the leftmost one; below zero for marks, which stand above the glyph before them
 */
export interface PixelGlyph {
  readonly advance: number;
  readonly left: number;
  readonly width: number;
  readonly rows: readonly number[];
}

/** Squares from the top to the bottom of a line. */
export const GLYPH_ROWS = 16;
/** Squares of a row that fit a number's bits; the widest glyphs have 16. */
const WIDTH_MAX = 31;
/** Squares above the base line. */
const ROWS_ABOVE = 14;

const FONT_FILE = '@fontsource/unifontex/files/unifontex-latin-400-normal.woff';
const WOFF_HEADER_BYTES = 44;
const WOFF_ENTRY_BYTES = 20;
/** `cmap` subtable with all of Unicode: Windows, UCS-4, format 12. */
const WINDOWS = 3;
const UCS_4 = 10;

/**
 * UnifontEX, a font of squares for nearly every character of Unicode (SIL Open Font License): outlines with straight edges on a grid of
 * 16 × 16, read from its WOFF file (W3C WOFF 1.0; OpenType tables cmap, glyf, head, hhea, hmtx, loca, maxp).
 */
export class PixelFont {
  readonly #cmap: Buffer;
  readonly #glyf: Buffer;
  readonly #hmtx: Buffer;
  readonly #loca: Buffer;
  readonly #groups: number;
  readonly #square: number;
  readonly #metrics: number;
  readonly #hasLongOffsets: boolean;

  constructor(woff: Buffer) {
    const head = table(woff, 'head');
    this.#cmap = table(woff, 'cmap');
    this.#glyf = table(woff, 'glyf');
    this.#hmtx = table(woff, 'hmtx');
    this.#loca = table(woff, 'loca');
    this.#square = head.readUInt16BE(18) / GLYPH_ROWS;
    this.#hasLongOffsets = head.readInt16BE(50) === 1;
    this.#metrics = table(woff, 'hhea').readUInt16BE(34);
    this.#groups = this.#findGroups();
  }

  /** The glyph of a character; null when the font has none. */
  glyph(codePoint: number): PixelGlyph | null {
    const index = this.#indexOf(codePoint);
    if (index === 0) return null;
    const metric = Math.min(index, this.#metrics - 1);
    const contours = this.#contours(index);
    const edges = contours.flat().map(([x]) => x / this.#square);
    const left = Math.floor(Math.min(0, ...edges));
    const width = Math.min(WIDTH_MAX, Math.ceil(Math.max(0, ...edges)) - left);
    const advance = Math.round(this.#hmtx.readUInt16BE(metric * 4) / this.#square);
    return { advance, left, width, rows: this.#draw(contours, left, width) };
  }

  #findGroups(): number {
    const tables = this.#cmap.readUInt16BE(2);
    for (let record = 4; record < 4 + tables * 8; record += 8) {
      if (this.#cmap.readUInt16BE(record) === WINDOWS && this.#cmap.readUInt16BE(record + 2) === UCS_4)
        return this.#cmap.readUInt32BE(record + 4);
    }
    throw new Error('the font has no table of all characters');
  }

  /** Index of a character's glyph, by halving the groups of format 12; 0: none. */
  #indexOf(codePoint: number): number {
    let low = 0;
    let high = this.#cmap.readUInt32BE(this.#groups + 12) - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const group = this.#groups + 16 + middle * 12;
      const first = this.#cmap.readUInt32BE(group);
      if (codePoint < first) high = middle - 1;
      else if (codePoint > this.#cmap.readUInt32BE(group + 4)) low = middle + 1;
      else return this.#cmap.readUInt32BE(group + 8) + codePoint - first;
    }
    return 0;
  }

  /** Corners of a simple glyph, contour by contour; none for a blank, and for glyphs made of others, of which this font has none that we print. */
  #contours(index: number): [number, number][][] {
    const offsetOf = (glyph: number): number =>
      this.#hasLongOffsets ? this.#loca.readUInt32BE(glyph * 4) : this.#loca.readUInt16BE(glyph * 2) * 2;
    const data = this.#glyf.subarray(offsetOf(index), offsetOf(index + 1));
    const contours = data.length === 0 ? 0 : data.readInt16BE(0);
    if (contours <= 0) return [];
    const ends = Array.from({ length: contours }, (_, contour) => data.readUInt16BE(10 + contour * 2));
    const points = (ends.at(-1) ?? -1) + 1;
    let at = 10 + contours * 2;
    at += 2 + data.readUInt16BE(at);
    const flags: number[] = [];
    while (flags.length < points) {
      const flag = data.readUInt8(at++);
      const repeats = (flag & 8) === 0 ? 0 : data.readUInt8(at++);
      for (let repeat = 0; repeat <= repeats; repeat++) flags.push(flag);
    }
    const axis = (short: number, same: number): number[] => {
      let value = 0;
      return flags.map((flag) => {
        if ((flag & short) !== 0) value += (flag & same) === 0 ? -data.readUInt8(at++) : data.readUInt8(at++);
        else if ((flag & same) === 0) {
          value += data.readInt16BE(at);
          at += 2;
        }
        return value;
      });
    };
    const xs = axis(2, 16);
    const ys = axis(4, 32);
    let begin = 0;
    return ends.map((end) => {
      const corners = xs.slice(begin, end + 1).map((x, index): [number, number] => [x, ys[begin + index] ?? 0]);
      begin = end + 1;
      return corners;
    });
  }

  /** Which squares lie inside: by the edges left of each square's middle, counted with their direction. */
  #draw(contours: readonly (readonly [number, number])[][], left: number, width: number): number[] {
    return Array.from({ length: GLYPH_ROWS }, (_, row) => {
      const y = (ROWS_ABOVE - row - 0.5) * this.#square;
      const turns = Array.from({ length: width + 1 }, () => 0);
      for (const corners of contours) {
        for (const [index, [x1, y1]] of corners.entries()) {
          const [x2, y2] = corners[(index + 1) % corners.length] ?? [x1, y1];
          if (y1 > y === y2 > y) continue;
          const x = (x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)) / this.#square;
          const square = Math.min(width, Math.max(0, Math.round(x) - left));
          turns[square] = (turns[square] ?? 0) + (y2 > y1 ? 1 : -1);
        }
      }
      let bits = 0;
      let inside = 0;
      for (let square = 0; square < width; square++) {
        inside += turns[square] ?? 0;
        bits = bits * 2 + (inside === 0 ? 0 : 1);
      }
      return bits;
    });
  }
}

function table(woff: Buffer, tag: string): Buffer {
  const tables = woff.readUInt16BE(12);
  for (
    let entry = WOFF_HEADER_BYTES;
    entry < WOFF_HEADER_BYTES + tables * WOFF_ENTRY_BYTES;
    entry += WOFF_ENTRY_BYTES
  ) {
    if (woff.toString('latin1', entry, entry + 4) !== tag) continue;
    const [offset, stored, length] = [4, 8, 12].map((place) => woff.readUInt32BE(entry + place));
    const data = woff.subarray(offset, (offset ?? 0) + (stored ?? 0));
    return (stored ?? 0) < (length ?? 0) ? inflateSync(data) : data;
  }
  throw new Error(`the font has no table ${tag}`);
}

let font: PixelFont | undefined;

/** The font, read in some 70 ms and kept with 13 MB when a receipt first has to be drawn. */
export function pixelFont(): PixelFont {
  font ??= new PixelFont(readFileSync(createRequire(import.meta.url).resolve(FONT_FILE)));
  return font;
}
