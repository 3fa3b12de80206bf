import type { Codepage } from '@point-of-sale/codepage-encoder';

/** A code page and the number by which `ESC t` chooses it. */
export type NumberedPage = readonly [Codepage, number];

/**
 * Printers by the numbers that they give their code pages. `common`: the four that nearly all ESC/POS printers number alike. Numbers: the
 * makers' command references, as `@point-of-sale/receipt-printer-encoder` 4.0.1 has collected them. Pages of scripts that run from right to
 * left, or whose letters change with their neighbours, are left out: a printer sets one character after the other, so these are drawn.
 */
export const PRINTER_PROFILES = {
  common: [
    ['windows1252', 16],
    ['cp852', 18],
    ['cp866', 17],
    ['cp858', 19],
  ],
  epson: [
    ['windows1252', 16],
    ['cp852', 18],
    ['cp866', 17],
    ['cp858', 19],
    ['cp737', 14],
    ['windows1253', 47],
    ['windows1250', 45],
    ['windows1251', 46],
    ['windows1254', 48],
    ['windows1257', 51],
    ['cp1125', 44],
  ],
  bixolon: [
    ['windows1252', 16],
    ['cp852', 18],
    ['cp866', 17],
    ['cp858', 19],
    ['windows1253', 24],
    ['windows1254', 25],
    ['windows1257', 26],
    ['windows1251', 28],
    ['cp737', 29],
    ['windows1250', 47],
  ],
  citizen: [
    ['windows1252', 16],
    ['cp852', 6],
    ['cp866', 7],
    ['cp858', 2],
    ['cp857', 8],
  ],
  star: [
    ['windows1252', 16],
    ['cp852', 18],
    ['cp866', 17],
    ['cp858', 19],
  ],
  xprinter: [
    ['windows1252', 16],
    ['cp852', 18],
    ['cp866', 17],
    ['cp858', 19],
    ['windows1253', 7],
    ['windows1251', 23],
    ['cp737', 24],
    ['windows1257', 25],
  ],
} as const satisfies Readonly<Record<string, readonly [NumberedPage, ...NumberedPage[]]>>;

export type PrinterProfile = keyof typeof PRINTER_PROFILES;
export const PRINTER_PROFILE_NAMES = Object.keys(PRINTER_PROFILES) as PrinterProfile[];
export const PRINTER_PROFILE_DEFAULT: PrinterProfile = 'common';
