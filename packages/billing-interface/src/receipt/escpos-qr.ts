import { QR_ERROR_CORRECTION, qrSymbol } from './qr.js';

const GS = 0x1d;
/** Digit of a level in GS ( k function 169. */
const ERROR_CORRECTION_LEVELS = { L: 48, M: 49, Q: 50, H: 51 } as const;
const QR_KIND = 49;
const STORE_DATA = 80;
const PRINT = 81;
/** Dots of a module: at 203 dpi 4 dots are half a millimetre, which a telephone reads from a hand away. */
const MODULE_DOTS = 4;
const QUIET_MODULES = 4;
const DOTS_PER_BYTE = 8;
/** Dots of one column (font A is 12 dots wide). */
const COLUMN_DOTS = 12;

/** One function of GS ( k: pL pH count the bytes that follow. */
function qrFunction(number: number, parameters: readonly number[]): Buffer {
  const length = parameters.length + 2;
  return Buffer.from([GS, 0x28, 0x6b, length & 0xff, length >> 8, QR_KIND, number, ...parameters]);
}

/** The printer makes the QR itself (GS ( k, functions 165, 167, 169, 180, 181): sharpest, where the printer knows it. */
export function nativeQr(text: string): Buffer {
  return Buffer.concat([
    qrFunction(65, [50, 0]),
    qrFunction(67, [MODULE_DOTS]),
    qrFunction(69, [ERROR_CORRECTION_LEVELS[QR_ERROR_CORRECTION]]),
    qrFunction(STORE_DATA, [48, ...Buffer.from(text, 'utf8')]),
    qrFunction(PRINT, [48]),
  ]);
}

/** The QR as a picture (GS v 0): for every printer. As large as fits the paper, at most `MODULE_DOTS` a module. */
export function rasterQr(text: string, columns: number): Buffer {
  const { size, dark } = qrSymbol(text);
  const side = size + 2 * QUIET_MODULES;
  const moduleDots = Math.max(1, Math.min(MODULE_DOTS, Math.floor((columns * COLUMN_DOTS) / side)));
  const height = side * moduleDots;
  const rowBytes = Math.ceil(height / DOTS_PER_BYTE);
  const picture = Buffer.alloc(rowBytes * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < height; x++) {
      const row = Math.floor(y / moduleDots) - QUIET_MODULES;
      const column = Math.floor(x / moduleDots) - QUIET_MODULES;
      if (!dark(row, column)) continue;
      const place = y * rowBytes + Math.floor(x / DOTS_PER_BYTE);
      picture[place] = (picture[place] ?? 0) | (0x80 >> (x % DOTS_PER_BYTE));
    }
  }
  const head = [GS, 0x76, 0x30, 0, rowBytes & 0xff, rowBytes >> 8, height & 0xff, height >> 8];
  return Buffer.concat([Buffer.from(head), picture]);
}
