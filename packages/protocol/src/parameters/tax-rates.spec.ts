import { describe, expect, it } from 'vitest';
import { isSameRate, ratesOnDay } from './tax-rates.js';

const rates = [
  { category: 'standard', rate: '20', from: '2011-01-04', until: null },
  { category: 'standard', rate: '17.5', from: '2010-01-01', until: '2011-01-03' },
  { category: 'reduced', rate: '5', from: '1997-09-01', until: null },
  { category: 'reduced', rate: '7', from: '2020-01-01', until: '2020-12-31' },
];

describe('ratesOnDay', () => {
  it.each([
    ['2009-12-31', undefined, '5'],
    ['2010-12-01', '17.5', '5'],
    ['2011-01-03', '17.5', '5'],
    ['2011-01-04', '20', '5'],
    ['2020-06-01', '20', '7'],
    ['2021-01-01', '20', '5'],
    ['1990-01-01', undefined, undefined],
  ])('on %s: standard %s, reduced %s', (day, standard, reduced) => {
    const inForce = ratesOnDay(rates, day);
    const rateOf = (category: string) => inForce.find((terms) => terms.category === category)?.rate;
    expect([rateOf('standard'), rateOf('reduced')]).toEqual([standard, reduced]);
  });
});

describe('isSameRate', () => {
  it('compares numbers, not spellings', () => {
    expect(isSameRate('20', '20.00')).toBe(true);
    expect(isSameRate('0', '0.0')).toBe(true);
    expect(isSameRate('5.5', '5.50')).toBe(true);
    expect(isSameRate('5.5', '55')).toBe(false);
  });
});
