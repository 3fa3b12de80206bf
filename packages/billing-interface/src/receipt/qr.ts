import { create } from 'qrcode';

/** A QR as squares: `dark(row, column)`; outside of the symbol everything is light. */
export interface QrSymbol {
  /** Modules along one side, without the quiet zone. */
  readonly size: number;
  readonly dark: (row: number, column: number) => boolean;
}

/** Level M restores 15 % of the symbol: thermal paper fades and creases. */
export const QR_ERROR_CORRECTION = 'M';
/** Level L restores 7 % and makes a smaller symbol: better than none on narrow paper. */
const QR_ERROR_CORRECTION_NARROW = 'L';

/** Makes the symbol of a text (ISO/IEC 18004). */
export function qrSymbol(text: string, level: 'M' | 'L' = QR_ERROR_CORRECTION): QrSymbol {
  const { modules } = create(text, { errorCorrectionLevel: level });
  const { size } = modules;
  return {
    size,
    dark: (row, column) => row >= 0 && column >= 0 && row < size && column < size && modules.get(row, column) !== 0,
  };
}

/** Light modules around the symbol. ISO/IEC 18004 asks for 4; readers find it with 2, and 4 would not fit 42 columns. */
const QUIET_MODULES = 2;

/**
 * A QR as terminal text: one character is two modules high (half blocks), so that it comes out square.
 * Dark modules are inked, as on paper; `inverted` for screens with light letters on a dark ground.
 * @returns its lines; null when it is wider than `columns`
 */
export function qrLines(text: string, columns: number, inverted = false): string[] | null {
  const levels = [QR_ERROR_CORRECTION, QR_ERROR_CORRECTION_NARROW] as const;
  const fitting = levels.map((level) => qrSymbol(text, level)).find(({ size }) => size + 2 * QUIET_MODULES <= columns);
  if (fitting === undefined) return null;
  const { size, dark } = fitting;
  const ink = (row: number, column: number): boolean => dark(row, column) !== inverted;
  const lines: string[] = [];
  for (let row = -QUIET_MODULES; row < size + QUIET_MODULES; row += 2) {
    let line = '';
    for (let column = -QUIET_MODULES; column < size + QUIET_MODULES; column++)
      line += halfBlock(ink(row, column), ink(row + 1, column));
    lines.push(line);
  }
  return lines;
}

function halfBlock(upper: boolean, lower: boolean): string {
  if (upper) return lower ? '█' : '▀';
  return lower ? '▄' : ' ';
}
