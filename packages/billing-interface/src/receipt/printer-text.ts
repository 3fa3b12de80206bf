import CodepageEncoder, { type Codepage } from '@point-of-sale/codepage-encoder';
import { pixelFont } from './pixel-font.js';
import { type NumberedPage, PRINTER_PROFILES, type PrinterProfile } from './printer-profiles.js';
import { type CharacterWidth, terminalWidth } from './text-width.js';
import type { ReceiptLanguage } from './words.js';

/** How a printer wants its characters: bytes of a text, columns of each character, and the command that chooses the first table. */
export interface PrinterText {
  /** Null: the printer has no table with all of its characters, so the text has to be drawn. */
  readonly encode: (text: string) => Buffer | null;
  readonly width: CharacterWidth;
  /** ESC/POS bytes at the beginning. */
  readonly select: Buffer;
}

/** Squares of the font in one column. */
const COLUMN_SQUARES = 8;
const FIRST_PRINTABLE = 0x20;
const LAST_ASCII = 0x7e;
const FIRST_HIGH = 0x80;
const FIRST_LATIN_1 = 0xa0;
/** Control bytes never reach the printer: they could be commands. No signed invoice has any. */
const REPLACEMENT = Buffer.from('?');

/** FS . : no Chinese characters, so that the table's upper half is letters. */
const NO_CHINESE = Buffer.from([0x1c, 0x2e]);
/** FS & : Chinese characters on; two bytes with the high bit are one of them (GB 18030, two-byte part). */
const SELECT_GB18030 = Buffer.from([0x1c, 0x26]);

/** ESC t n: chooses a code page. */
function selectPage(number: number): Buffer {
  return Buffer.from([0x1b, 0x74, number]);
}

/** Bytes of the upper half of a code page by character. */
function upperHalf(page: Codepage): ReadonlyMap<string, number> {
  const bytes = new Map<string, number>();
  for (const [byte, codePoint] of CodepageEncoder.getCodepoints(page, true).entries()) {
    if (byte < FIRST_HIGH || codePoint < FIRST_LATIN_1 || codePoint === 0xfffd) continue;
    const character = String.fromCodePoint(codePoint);
    if (!bytes.has(character)) bytes.set(character, byte);
  }
  return bytes;
}

/** The byte that is the same in every table: ASCII, and a question mark for a control character. Undefined: it depends on the table. */
function plainByte(character: string): number | undefined {
  const codePoint = character.codePointAt(0) ?? 0;
  if (codePoint >= FIRST_PRINTABLE && codePoint <= LAST_ASCII) return codePoint;
  return codePoint < FIRST_LATIN_1 ? REPLACEMENT[0] : undefined;
}

function isPlain(character: string): boolean {
  return plainByte(character) !== undefined;
}

/** Columns of a character that will be drawn. */
function drawnWidth(character: string): number {
  if (terminalWidth(character) === 0) return 0;
  const advance = pixelFont().glyph(character.codePointAt(0) ?? 0)?.advance;
  return advance === undefined ? terminalWidth(character) : Math.ceil(advance / COLUMN_SQUARES);
}

/** Tables of one byte a character. A text goes from one table to the next where it has to, and ends in the first one. */
function alphabets(numbered: readonly [NumberedPage, ...NumberedPage[]]): PrinterText {
  const tables = numbered.map(([page, number]) => ({ select: selectPage(number), bytes: upperHalf(page) }));
  const [first] = numbered;
  return {
    encode: (text) => {
      const parts: Buffer[] = [];
      let present = tables[0];
      for (const character of text) {
        const plain = plainByte(character);
        if (plain !== undefined) {
          parts.push(Buffer.of(plain));
          continue;
        }
        const fitting = present?.bytes.has(character) ? present : tables.find(({ bytes }) => bytes.has(character));
        const byte = fitting?.bytes.get(character);
        if (fitting === undefined || byte === undefined) return null;
        if (fitting !== present) parts.push(fitting.select);
        present = fitting;
        parts.push(Buffer.of(byte));
      }
      if (present !== tables[0] && tables[0] !== undefined) parts.push(tables[0].select);
      return Buffer.concat(parts);
    },
    width: (character) =>
      isPlain(character) || tables.some(({ bytes }) => bytes.has(character)) ? 1 : drawnWidth(character),
    select: Buffer.concat([NO_CHINESE, selectPage(first[1])]),
  };
}

/** The two-byte part of GB 18030, turned round from the decoder that every runtime with full ICU has. */
function gb18030(): PrinterText {
  const decoder = new TextDecoder('gb18030');
  const table = new Map<string, Buffer>();
  for (let lead = 0x81; lead <= 0xfe; lead++) {
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      const bytes = Buffer.from([lead, trail]);
      const character = decoder.decode(bytes);
      // Bytes without a character decode to a replacement, and more than one code unit.
      if (character.length === 1 && character !== '\uFFFD' && !table.has(character)) table.set(character, bytes);
    }
  }
  const bytesOf = (character: string): Buffer | undefined => {
    const plain = plainByte(character);
    return plain === undefined ? table.get(character) : Buffer.of(plain);
  };
  return {
    encode: (text) => {
      const parts = Array.from(text, bytesOf);
      return parts.includes(undefined) ? null : Buffer.concat(parts.filter((part) => part !== undefined));
    },
    // In this mode a printer prints every character at as many columns as it has bytes; what it has not is drawn.
    width: (character) => bytesOf(character)?.length ?? drawnWidth(character),
    select: SELECT_GB18030,
  };
}

const made = new Map<string, PrinterText>();

/** The tables for a language on a printer; made once, in some 20 ms, when they are first needed. */
export function printerText(language: ReceiptLanguage, profile: PrinterProfile): PrinterText {
  const key = language === 'zh-CN' ? language : profile;
  const known = made.get(key);
  if (known !== undefined) return known;
  const text = language === 'zh-CN' ? gb18030() : alphabets(PRINTER_PROFILES[profile]);
  made.set(key, text);
  return text;
}
