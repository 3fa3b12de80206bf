import { describe, expect, it } from 'vitest';
import { bodyOf, searchOf } from './invoice-search.js';

const period = { from: 'a', to: 'b' };
const read = (text: string, usualCurrency: string | null = 'GBP') =>
  bodyOf(new URLSearchParams(text), period, usualCurrency);

describe('what an address looks for', () => {
  it('is a code without its spaces, and then no period', () =>
    expect(read('code=00000 00000 00000 00098')).toEqual({ ok: true, body: { code: '00000000000000000098' } }));

  it('is anything else within the period', () =>
    expect(read('number=A-1&totalFrom=12.5&currency=CNY&kind=refund')).toEqual({
      ok: true,
      body: { number: 'A-1', totalFrom: 1_250, currency: 'CNY', kind: 'refund', from: 'a', to: 'b' },
    }));

  it('is in the currency of the installation, where none is named', () => {
    expect(read('totalTo=3')).toMatchObject({ body: { totalTo: 300, currency: 'GBP' } });
    expect(read('totalTo=300', 'JPY')).toMatchObject({ body: { totalTo: 300, currency: 'JPY' } });
    expect(read('totalTo=3', null)).toEqual({ ok: false, fault: 'currency' });
  });

  it.each([
    ['kind=x&page=2', 'nothing'],
    ['totalTo=lots', 'totalTo'],
    ['totalFrom=1.234', 'totalFrom'],
    ['totalFrom=1&currency=pounds', 'currency'],
    // One digit wrong, two changed places, one missing.
    ['code=00000000000000000097', 'code'],
    ['code=12345678901234567890', 'code'],
    ['code=0000000000000000009', 'code'],
  ])('is not to be read in %s', (text, fault) => expect(read(text)).toEqual({ ok: false, fault }));

  it('is the same on each of its pages', () => {
    expect(searchOf(new URLSearchParams('code=1&page=2'))).toBe(searchOf(new URLSearchParams('code=1&refusedPage=3')));
    expect(searchOf(new URLSearchParams('code=1'))).not.toBe(searchOf(new URLSearchParams('code=2')));
  });
});
