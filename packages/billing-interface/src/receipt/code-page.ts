import type { CharacterWidth } from './text-width.js';
import type { ReceiptLanguage } from './words.js';

/** How a printer wants its characters: bytes of each, columns of each, and the command that chooses the table. */
export interface CodePage {
  readonly encode: (text: string) => Buffer;
  readonly width: CharacterWidth;
  /** ESC/POS bytes that choose the table. */
  readonly select: Buffer;
}

/** Printed for a character that the table has not. Control bytes never reach the printer: they could be commands. */
const REPLACEMENT = Buffer.from('?');
const FIRST_PRINTABLE = 0x20;
const LAST_ASCII = 0x7e;

/** ESC t 16: Windows 1252, western Europe with the euro sign. FS . : no Chinese characters. */
const SELECT_WINDOWS_1252 = Buffer.from([0x1c, 0x2e, 0x1b, 0x74, 16]);
/** FS & : Chinese characters on; two bytes with the high bit are one of them (GB 18030, two-byte part). */
const SELECT_GB18030 = Buffer.from([0x1c, 0x26]);

/** Windows 1252 from 0x80 to 0x9f, a space where it has none. Written out: some runtimes decode it as ISO 8859-1. */
const WINDOWS_1252_FROM_0X80 = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';
const FIRST_WINDOWS_1252 = 0x80;
const FIRST_LATIN_1 = 0xa0;
const LAST_BYTE = 0xff;

function windows1252(): Map<string, Buffer> {
  const table = new Map<string, Buffer>();
  Array.from(WINDOWS_1252_FROM_0X80, (character, index) =>
    table.set(character, Buffer.from([FIRST_WINDOWS_1252 + index])),
  );
  for (let byte = FIRST_LATIN_1; byte <= LAST_BYTE; byte++) table.set(String.fromCodePoint(byte), Buffer.from([byte]));
  return table;
}

/** The two-byte part of GB 18030, turned round from the decoder that every runtime with full ICU has. */
function gb18030(): Map<string, Buffer> {
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
  return table;
}

function codePage(table: ReadonlyMap<string, Buffer>, select: Buffer): CodePage {
  const bytesOf = (character: string): Buffer => {
    const codePoint = character.codePointAt(0) ?? 0;
    if (codePoint >= FIRST_PRINTABLE && codePoint <= LAST_ASCII) return Buffer.from([codePoint]);
    return (codePoint > LAST_ASCII && table.get(character)) || REPLACEMENT;
  };
  return {
    encode: (text) => Buffer.concat(Array.from(text, bytesOf)),
    // A printer in these modes prints every character at as many columns as it has bytes.
    width: (character) => bytesOf(character).length,
    select,
  };
}

const made = new Map<ReceiptLanguage, CodePage>();

/** The code page of a language; made once, in some 20 ms, when it is first needed. */
export function codePageOf(language: ReceiptLanguage): CodePage {
  const known = made.get(language);
  if (known !== undefined) return known;
  const page = language === 'en' ? codePage(windows1252(), SELECT_WINDOWS_1252) : codePage(gb18030(), SELECT_GB18030);
  made.set(language, page);
  return page;
}
