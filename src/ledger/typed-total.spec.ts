import { formatAmount } from '@tax-control/protocol';
import { assert, constantFrom, maxSafeInteger, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTypedTotal } from './typed-total.js';

describe('readTypedTotal', () => {
  it.each([
    ['12.50', 'GBP', 1250],
    ['12,50', 'EUR', 1250],
    ['12.5', 'GBP', 1250],
    ['12', 'GBP', 1200],
    ['12.', 'GBP', 1200],
    ['1,234.56', 'GBP', 123_456],
    ['1.234,56', 'EUR', 123_456],
    ["1'234.56", 'CHF', 123_456],
    ['1 234,56', 'EUR', 123_456],
    ['1,234', 'GBP', 123_400],
    ['.50', 'GBP', 50],
    ['Rs. 12.50', 'INR', 1250],
    ['1,234', 'JPY', 1234],
    ['1,234', 'KWD', 1234],
    ['1,234.5', 'KWD', 1_234_500],
    ['1,234,567', 'KWD', 1_234_567],
    ['-12.50', 'GBP', -1250],
    ['−12.50', 'GBP', -1250],
    ['£12.50', 'GBP', 1250],
    ['GBP 12.50', 'GBP', 1250],
    ['12.50 €', 'EUR', 1250],
    ['￥１２．５０', 'CNY', 1250],
    ['12.50元', 'CNY', 1250],
    ['  0.05 ', 'GBP', 5],
    ['0', 'GBP', 0],
    ['-0', 'GBP', 0],
  ])('%s %s is %d', (typed, currency, amount) => expect(readTypedTotal(typed, currency)).toBe(amount));

  it.each([
    ['', 'GBP'],
    ['twelve', 'GBP'],
    ['12.50.10', 'GBP'],
    ['1e3', 'GBP'],
    ['0x10', 'GBP'],
    ['12.5', 'JPY'],
    ['99999999999999999', 'GBP'],
    [`1${'0'.repeat(60)}`, 'GBP'],
    ['<b>12</b>', 'GBP'],
    ["12' OR 1=1", 'GBP'],
  ])('%s %s is no total', (typed, currency) => expect(readTypedTotal(typed, currency)).toBeNull());

  it('reads back every amount as receipts print it', () => {
    assert(
      property(maxSafeInteger(), constantFrom('GBP', 'JPY', 'KWD', 'CNY', 'HUF'), (amount, currency) => {
        expect(readTypedTotal(formatAmount(amount, currency), currency)).toBe(amount + 0);
      }),
    );
  });
});
