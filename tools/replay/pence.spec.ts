import { assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineAmount, penceOfPounds } from './pence.js';

describe('penceOfPounds', () => {
  it.each([
    ['2.55', '255'],
    ['2.1', '210'],
    ['7', '700'],
    ['0.0', '0'],
    ['-0.00', '0'],
    ['0.005', '0.5'],
    ['0.0010', '0.1'],
    ['13541.33', '1354133'],
    ['-11062.06', '-1106206'],
    ['1.10', '110'],
  ])('%s pounds are %s pence', (pounds, pence) => {
    expect(penceOfPounds(pounds)).toBe(pence);
  });

  it.each(['', 'NaN', '1e3', '.5', '1,5', ' 1'])('does not guess at %j', (text) => {
    expect(penceOfPounds(text)).toBeNull();
  });
});

describe('lineAmount', () => {
  it.each([
    [6, '255', 1530],
    [-24, '29', -696],
    [3, '0.5', 2],
    [-3, '0.5', -2],
    [1, '0.4', 0],
    [-1, '0.4', 0],
    [1, '-1106206', -1_106_206],
    [80_995, '208', 16_846_960],
  ])('%i at %s pence make %i', (quantity, price, amount) => {
    expect(lineAmount(quantity, price)).toBe(amount);
  });

  it('multiplies whole pence exactly', () => {
    assert(
      property(integer({ min: -100_000, max: 100_000 }), integer({ min: 0, max: 10_000_000 }), (quantity, price) => {
        expect(lineAmount(quantity, String(price))).toBe(quantity * price + 0);
      }),
    );
  });
});
