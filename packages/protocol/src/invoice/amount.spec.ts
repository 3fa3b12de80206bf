import { describe, expect, it } from 'vitest';
import { formatAmount, formatUnitPrice, minorDigits } from './amount.js';

describe('formatAmount', () => {
  it.each([
    [0, 'GBP', '0.00'],
    [5, 'GBP', '0.05'],
    [-5, 'GBP', '-0.05'],
    [123_456, 'GBP', '1,234.56'],
    [1234, 'JPY', '1,234'],
    [1234, 'KWD', '1.234'],
    [-123_456_789, 'CNY', '-1,234,567.89'],
    [Number.MAX_SAFE_INTEGER, 'EUR', '90,071,992,547,409.91'],
    [1234, 'CLF', '0.1234'],
  ])('%d %s is %s', (amount, currency, expected) => {
    expect(formatAmount(amount, currency)).toBe(expected);
  });

  it('follows ISO 4217 where the locale data follows cash', () => {
    expect(formatAmount(12_345, 'HUF')).toBe('123.45');
    expect(formatAmount(12_345, 'IQD')).toBe('12.345');
  });

  it('takes two digits for a currency that nobody knows', () => {
    expect(minorDigits('QQQ')).toBe(2);
  });
});

describe('formatUnitPrice', () => {
  it.each([
    ['255', 'GBP', '2.55'],
    ['0.5', 'GBP', '0.005'],
    ['-12.125', 'GBP', '-0.12125'],
    ['0.5', 'JPY', '0.5'],
    ['123456789012345.123456789', 'GBP', '1,234,567,890,123.45123456789'],
  ])('%s %s is %s', (price, currency, expected) => {
    expect(formatUnitPrice(price, currency)).toBe(expected);
  });
});
