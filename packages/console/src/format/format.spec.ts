import { describe, expect, it } from 'vitest';
import {
  changeOf,
  decimalOf,
  formatChange,
  formatDuration,
  formatInstant,
  formatMoney,
  formatShare,
  formatUnitPrice,
  NO_VALUE,
} from './format.js';

describe('money', () => {
  it('is exact beyond 2^53, in the digits of its currency', () => {
    expect(formatMoney('9007199254740993', 'CNY', 'en')).toBe('90,071,992,547,409.93 CNY');
    expect(formatMoney('-5', 'EUR', 'en')).toBe('-0.05 EUR');
    expect(formatMoney(1_234, 'JPY', 'en')).toBe('1,234 JPY');
    expect(decimalOf('0', 3)).toBe('0.000');
  });

  it.each([
    ['290', 'GBP', '2.90 GBP'],
    ['219.9', 'GBP', '2.199 GBP'],
    ['-0.05', 'EUR', '-0.0005 EUR'],
    ['100.50', 'JPY', '100.5 JPY'],
  ])('of a unit price of %s %s reads %s', (smallest, currency, text) =>
    expect(formatUnitPrice(smallest, currency, 'en')).toBe(text),
  );
});

describe('durations', () => {
  it('take the unit that says most', () => {
    expect([85, 1_400, 720_000, 12_600_000, 200_000_000].map((time) => formatDuration(time, 'en'))).toEqual([
      '85 ms',
      '1.4 sec',
      '12 min',
      '3.5 hr',
      '2.3 days',
    ]);
    expect(formatDuration(null, 'en')).toBe(NO_VALUE);
  });
});

describe('shares and changes', () => {
  it('are nothing where there is nothing to divide by', () => {
    expect(formatShare(null, 'en')).toBe(NO_VALUE);
    expect(formatShare(0.0123, 'en')).toBe('1.23%');
    expect(changeOf(3, 0)).toBeNull();
    expect(formatChange(changeOf(3, 4) ?? 0, 'en')).toBe('-25%');
    expect(formatChange(changeOf(-3, -4) ?? 0, 'en')).toBe('+25%');
  });
});

describe('instants', () => {
  it('are shown in the zone asked for, and as they came when they are none', () => {
    expect(formatInstant('2026-11-22T23:30:00Z', 'en', 'Asia/Shanghai')).toContain('Nov 23');
    expect(formatInstant('<img>', 'en', 'UTC')).toBe('<img>');
  });
});
