import type { TaxRate } from '@tax-control/protocol';
import { describe, expect, it } from 'vitest';
import { fitTaxRate, isDate, rateThatGoesOn } from './tax-rates.js';

const rate = (from: string, until: string | null = null, percent = '20'): TaxRate => ({
  category: 'standard',
  rate: percent,
  from,
  until,
});

describe('a new tax rate', () => {
  it('stands alone', () => {
    expect(fitTaxRate(rate('2026-01-01'), [])).toEqual({ fits: true, rate: rate('2026-01-01'), ended: null });
  });

  it('ends the open one the day before, over a leap day too', () => {
    expect(fitTaxRate(rate('2028-03-01', null, '21'), [rate('2026-01-01')])).toEqual({
      fits: true,
      rate: rate('2028-03-01', null, '21'),
      ended: rate('2026-01-01', '2028-02-29'),
    });
  });

  it('ends by itself before the next one', () => {
    expect(fitTaxRate(rate('2026-01-01'), [rate('2027-01-01')])).toMatchObject({
      fits: true,
      rate: { until: '2026-12-31' },
      ended: null,
    });
  });

  it('fills a gap, its days being inclusive', () => {
    const others = [rate('2025-01-01', '2025-12-31'), rate('2026-02-01')];
    expect(fitTaxRate(rate('2026-01-01', '2026-01-31'), others)).toMatchObject({ fits: true, ended: null });
  });

  it.each([
    ['the same first day', rate('2026-01-01'), rate('2026-01-01')],
    ['a last day on the first day of the next', rate('2025-01-01', '2026-01-01'), rate('2026-01-01')],
    ['a first day within one whose end was written down', rate('2026-06-01'), rate('2026-01-01', '2026-12-31')],
  ])('does not fit with %s', (_, added, other) => {
    expect(fitTaxRate(added, [other])).toEqual({ fits: false, inTheWay: other });
  });
});

it('lets the rate before go on when one is taken back', () => {
  const [old, mistaken] = [rate('2026-01-01', '2026-12-31'), rate('2027-01-01', null, '200')];
  expect(rateThatGoesOn(mistaken, [old, mistaken])).toEqual(rate('2026-01-01'));
  expect(rateThatGoesOn(mistaken, [rate('2026-01-01', '2026-06-30'), mistaken])).toBeNull();
});

it('knows the days of the calendar', () => {
  expect(['2026-01-31', '2028-02-29'].every(isDate)).toBe(true);
  expect(['2026-02-29', '2026-13-01', '2026-1-1', '20260101', '', '2026-01-01T00:00:00Z'].some(isDate)).toBe(false);
});
