import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bigDecimal, magnitude, roundedQuotient, safeNumber, smallDecimal } from './decimal.js';
import { isLineAmount } from './line-arithmetic.js';
import { isTaxAmount } from './tax-arithmetic.js';

/** Decimals of every legal length, many of them short as real ones are. */
const decimal = fc.oneof(
  fc.stringMatching(/^-?(0|[1-9][0-9]{0,3})(\.[0-9]{1,2})?$/),
  fc.stringMatching(/^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,9})?$/),
);
const rate = fc.stringMatching(/^(0|[1-9][0-9]{0,2})(\.[0-9]{1,4})?$/);

describe('decimals', () => {
  it('are read exactly, in plain numbers as in big ones', () => {
    expect(bigDecimal('-12.340')).toEqual({ digits: -12_340n, scale: 3 });
    fc.assert(
      fc.property(decimal, (text) => {
        const small = smallDecimal(text);
        if (small === null) return;
        const { digits, scale } = bigDecimal(text);
        expect(Number.isSafeInteger(small.digits)).toBe(true);
        expect([BigInt(small.digits), small.scale]).toEqual([digits, scale]);
      }),
    );
  });

  it('round half away from zero', () => {
    const cases: [bigint, bigint, bigint][] = [
      [5n, 2n, 3n],
      [-5n, 2n, -3n],
      [4n, 3n, 1n],
      [-4n, 3n, -1n],
      [0n, 7n, 0n],
      [1n, 3n, 0n],
      [-1n, 2n, -1n],
    ];
    for (const [numerator, denominator, quotient] of cases)
      expect(roundedQuotient(numerator, denominator)).toBe(quotient);
  });

  it('are safe numbers up to 2^53 − 1', () => {
    expect(safeNumber(2n ** 53n - 1n)).toBe(Number.MAX_SAFE_INTEGER);
    expect(safeNumber(2n ** 53n)).toBeNull();
    expect(safeNumber(2n ** 53n + 1n)).toBeNull();
    expect(magnitude(-3n)).toBe(3n);
  });
});

describe('the quick way in plain numbers', () => {
  it('judges lines as exact arithmetic does', () => {
    const nearby = fc.tuple(decimal, decimal, fc.maxSafeInteger(), fc.integer({ min: -2, max: 2 }), fc.boolean());
    fc.assert(
      fc.property(nearby, ([quantity, unitPrice, discount, off, discounted]) => {
        const taken = discounted ? discount : 0;
        const count = bigDecimal(quantity);
        const price = bigDecimal(unitPrice);
        const unit = 10n ** BigInt(count.scale + price.scale);
        const exact = count.digits * price.digits - BigInt(taken) * unit;
        const amount = safeNumber(exact / unit + BigInt(off));
        if (amount === null) return;
        const measured = count.scale > 0 ? magnitude(price.digits) : 0n;
        const expected = 2n * magnitude(BigInt(amount) * unit - exact) <= 2n * unit + measured;
        expect(isLineAmount(amount, { quantity, unitPrice, discount: taken })).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['0.309', '3999', 1_234, 1_240],
    ['0.309', '3999', 1_238, 1_239],
    ['0.092', '10900', 999, 996],
    ['22.73', '219.9', 5_000, 5_001],
    ['-0.309', '3999', -1_234, -1_240],
    ['0.309', '-3999', -1_234, -1_240],
    // What is counted is exact, however dear.
    ['3', '3999', 11_998, 11_999],
    ['1', '100000000', 100_000_001, 100_000_002],
  ])('takes a label of %s × %s as %d, and not as %d', (quantity, unitPrice, right, wrong) => {
    expect([right, wrong].map((amount) => isLineAmount(amount, { quantity, unitPrice }))).toEqual([true, false]);
  });

  it('judges taxes as exact arithmetic does', () => {
    const sums = fc.oneof(fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.maxSafeInteger());
    const nearby = fc.tuple(
      sums,
      rate,
      fc.constantFrom('gross' as const, 'net' as const),
      fc.integer({ min: -5, max: 5 }),
      fc.integer({ min: 1, max: 4 }),
    );
    fc.assert(
      fc.property(nearby, ([sum, percent, basis, off, tolerance]) => {
        const { digits, scale } = bigDecimal(percent);
        const whole = 100n * 10n ** BigInt(scale) + (basis === 'gross' ? digits : 0n);
        const amount = safeNumber((BigInt(sum) * digits) / whole + BigInt(off));
        if (amount === null) return;
        const expected = magnitude(BigInt(amount) * whole - BigInt(sum) * digits) <= BigInt(tolerance) * whole;
        expect(isTaxAmount(amount, sum, percent, basis, tolerance)).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });
});
