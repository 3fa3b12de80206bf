import { describe, expect, it } from 'vitest';
import { rasterQr } from './escpos-qr.js';
import { qrLines, qrSymbol } from './qr.js';

const TEXT = 'https://tax.example/v/till-7/019a0c1e-7b00-7000-8000-00000000000a';
const QUIET = 2;

/** Reads the modules back from half blocks. */
function readBack(lines: readonly string[], size: number): boolean[][] {
  return Array.from({ length: size }, (_row, row) =>
    Array.from({ length: size }, (_column, column) => {
      const character = lines[Math.floor((row + QUIET) / 2)]?.[column + QUIET];
      return character === '█' || character === ((row + QUIET) % 2 === 0 ? '▀' : '▄');
    }),
  );
}

function modules(text: string): boolean[][] {
  const { size, dark } = qrSymbol(text);
  return Array.from({ length: size }, (_row, row) => Array.from({ length: size }, (_c, column) => dark(row, column)));
}

describe('qrLines', () => {
  it('has every module of the symbol, and its quiet zone', () => {
    const expected = modules(TEXT);
    const lines = qrLines(TEXT, 48)!;
    expect(readBack(lines, expected.length)).toEqual(expected);
    expect(lines[0]).toBe(' '.repeat(expected.length + 2 * QUIET));
  });

  it('is inked the other way round for screens', () => {
    expect(qrLines(TEXT, 48, true)![0]).toMatch(/^█+$/);
  });

  it('gives up some error correction before it gives up the symbol', () => {
    const longer = TEXT.padEnd(100, '/x');
    const { size } = qrSymbol(longer, 'L');
    const columns = size + 2 * QUIET;
    expect(qrSymbol(longer).size).toBeGreaterThan(size);
    expect(qrLines(longer, columns)!.every((line) => line.length === columns)).toBe(true);
  });

  it('is null where the paper is too narrow', () => {
    expect(qrLines(TEXT, 32)).toBeNull();
  });
});

describe('rasterQr', () => {
  it.each([32, 48])('has every module of the symbol at %d columns, four dots a module', (columns) => {
    const bytes = rasterQr(TEXT, columns);
    const [gs, v, zero, mode, widthLow = 0, widthHigh = 0, heightLow = 0, heightHigh = 0] = bytes;
    expect([gs, v, zero, mode]).toEqual([0x1d, 0x76, 0x30, 0]);
    const rowBytes = widthLow + widthHigh * 256;
    const height = heightLow + heightHigh * 256;
    expect(bytes.length).toBe(8 + rowBytes * height);
    expect(rowBytes * 8).toBeLessThanOrEqual(columns * 12);
    const expected = modules(TEXT);
    const quiet = 4;
    const dots = height / (expected.length + 2 * quiet);
    expect(dots).toBe(4);
    const ink = (x: number, y: number): boolean =>
      ((bytes[8 + y * rowBytes + (x >> 3)] ?? 0) & (0x80 >> (x & 7))) !== 0;
    const read = expected.map((line, row) =>
      line.map((_module, column) => ink((column + quiet) * dots + 1, (row + quiet) * dots + 2)),
    );
    expect(read).toEqual(expected);
  });
});
