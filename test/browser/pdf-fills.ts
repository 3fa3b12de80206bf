import { inflateSync } from 'node:zlib';

/** An area that a PDF paints in one colour. Size in points of the paper, of the box around its path; colour as `#rrggbb`. */
export interface Fill {
  readonly color: string;
  readonly width: number;
  readonly height: number;
}

type Matrix = readonly [number, number, number, number, number, number];
const IDENTITY: Matrix = [1, 0, 0, 1, 0, 0];
const HEX = 16;
const COLOR_MAX = 255;

/** Operands that build a path, and where in them its points stand. */
const POINTS: Readonly<Record<string, readonly number[]>> = { m: [0], l: [0], c: [0, 2, 4], v: [0, 2], y: [0, 2] };

/**
 * Everything that a PDF of Chromium paints in a plain colour. It reads the streams of drawing operators (ISO 32000-1, 8.5) and nothing else:
 * no fonts, no pictures, no clipping.
 */
export function fillsOf(pdf: Buffer): Fill[] {
  const text = pdf.toString('latin1');
  const fills: Fill[] = [];
  for (const { index } of text.matchAll(/stream\r?\n/g)) {
    if (text.slice(index - 3, index) === 'end') continue;
    const from = text.indexOf('\n', index) + 1;
    const packed = pdf.subarray(from, text.indexOf('endstream', from));
    const drawn = unpacked(packed);
    if (drawn !== null) fills.push(...paint(drawn));
  }
  return fills;
}

function unpacked(packed: Buffer): string | null {
  try {
    return inflateSync(packed).toString('latin1');
  } catch {
    return null;
  }
}

function paint(drawn: string): Fill[] {
  const fills: Fill[] = [];
  let operands: number[] = [];
  let state: { readonly matrix: Matrix; readonly color: string } = { matrix: IDENTITY, color: '#000000' };
  const saved: (typeof state)[] = [];
  let path: (readonly [number, number])[] = [];
  const to = (x: number, y: number): void => {
    const [a, b, c, d, e, f] = state.matrix;
    path.push([a * x + c * y + e, b * x + d * y + f]);
  };
  for (const token of drawn.split(/\s+/)) {
    const number = Number(token);
    if (token !== '' && !Number.isNaN(number)) {
      operands.push(number);
      continue;
    }
    const at = (index: number): number => operands[index] ?? 0;
    if (token === 'q') saved.push(state);
    else if (token === 'Q') state = saved.pop() ?? state;
    else if (token === 'cm') state = { ...state, matrix: product(operands, state.matrix) };
    else if (token === 'rg') state = { ...state, color: colorOf(operands) };
    else if (token === 're') {
      to(at(0), at(1));
      to(at(0) + at(2), at(1) + at(3));
    } else if (token === 'f' || token === 'f*') {
      fills.push({ color: state.color, ...sizeOf(path) });
      path = [];
    } else if (token === 'n' || token === 'S') path = [];
    else for (const index of POINTS[token] ?? []) to(at(index), at(index + 1));
    operands = [];
  }
  return fills;
}

function product(by: readonly number[], [a, b, c, d, e, f]: Matrix): Matrix {
  const [p = 1, q = 0, r = 0, s = 1, t = 0, u = 0] = by;
  return [p * a + q * c, p * b + q * d, r * a + s * c, r * b + s * d, t * a + u * c + e, t * b + u * d + f];
}

function colorOf(shares: readonly number[]): string {
  const channel = (share: number): string =>
    Math.round(share * COLOR_MAX)
      .toString(HEX)
      .padStart(2, '0');
  return `#${shares.map(channel).join('')}`;
}

function sizeOf(path: readonly (readonly [number, number])[]): { readonly width: number; readonly height: number } {
  const span = (values: readonly number[]): number => Math.max(...values) - Math.min(...values);
  return path.length === 0
    ? { width: 0, height: 0 }
    : { width: span(path.map(([x]) => x)), height: span(path.map(([, y]) => y)) };
}
