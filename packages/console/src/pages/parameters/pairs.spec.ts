import { expect, it } from 'vitest';
import { pairsOfTexts, sumsOfTexts, textsOfPairs } from './pairs.js';

it('reads what it writes', () => {
  const zones = { 'azores-1': 'Atlantic/Azores', constructor: 'Asia/Macau' };
  expect(textsOfPairs(zones)).toEqual(['azores-1=Atlantic/Azores', 'constructor=Asia/Macau']);
  expect(pairsOfTexts(textsOfPairs(zones))).toEqual(zones);
  expect(sumsOfTexts(textsOfPairs({ CHF: 4, EUR: 0 }))).toEqual({ CHF: 4, EUR: 0 });
});

it('takes spaces around the sign, and the last one of a name', () => {
  expect(pairsOfTexts([' P1 = Asia/Riyadh ', 'P1=Asia/Macau'])).toEqual({ P1: 'Asia/Macau' });
});

it('leaves to the server what is no pair and no number', () => {
  expect(pairsOfTexts(['P1'])).toEqual({ P1: '' });
  expect(sumsOfTexts(['CHF=4.5', 'EUR', 'GBP=-1'])).toEqual({ CHF: '4.5', EUR: '', GBP: '-1' });
});
