import { expect, it } from 'vitest';
import { smallestOf } from './amount.js';

it.each([
  ['12.50', 'EUR', 1_250],
  ['-3', 'EUR', -300],
  ['3', 'JPY', 3],
  ['0.005', 'KWD', 5],
  ['1.234', 'EUR', null],
  ['1,50', 'EUR', null],
  ['9999999999999', 'EUR', 999_999_999_999_900],
  ['', 'EUR', null],
])('%s %s is %s of the smallest unit', (text, currency, smallest) => expect(smallestOf(text, currency)).toBe(smallest));
