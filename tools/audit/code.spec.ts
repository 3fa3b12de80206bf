import { describe, expect, it } from 'vitest';
import { checkDigitsFit, macDigits } from './code.js';

/** Made with another language's HMAC, from docs/decisions/0010-bytes-of-code-and-receipt.md alone. */
const FIELDS = {
  taxpayerId: 'shop',
  terminalId: 'till-1',
  counter: 7,
  issuedAt: '2010-12-01T08:26:00Z',
  type: 'normal',
  kind: 'sale',
  currency: 'GBP',
  total: -1530,
  sequence: 900_000_000_042,
};
const KEY = Buffer.from(Array.from({ length: 32 }, (_, index) => index));
const CODE = '90000000004203797003';

describe('the code, checked on its own', () => {
  it('has the MAC that another implementation makes', () => {
    expect(macDigits(FIELDS, KEY)).toBe(CODE.slice(12, 18));
  });

  it.each(Object.keys(FIELDS) as (keyof typeof FIELDS)[])('the MAC depends on %s', (field) => {
    const value = FIELDS[field];
    const other = typeof value === 'number' ? value + 1 : `${value}x`;
    expect(macDigits({ ...FIELDS, [field]: other }, KEY)).not.toBe(CODE.slice(12, 18));
  });

  it('finds every single mistyped digit and every swap of neighbours', () => {
    expect(checkDigitsFit(CODE)).toBe(true);
    const places = Array.from(CODE, (_, place) => place);
    const mistyped = places.flatMap((place) =>
      Array.from('0123456789', (digit) => `${CODE.slice(0, place)}${digit}${CODE.slice(place + 1)}`),
    );
    const swapped = places.map((place) => {
      const [first = '', second = ''] = CODE.slice(place, place + 2);
      return `${CODE.slice(0, place)}${second}${first}${CODE.slice(place + 2)}`;
    });
    const taken = [...mistyped, ...swapped].filter((typed) => typed !== CODE && checkDigitsFit(typed));
    expect(taken).toStrictEqual([]);
  });

  it('does not take a remainder of 1 with check digits out of range', () => {
    // 99 and 02 leave the same remainder; only 02 to 98 are check digits.
    const body = Array.from({ length: 200 }, (_, index) => String(900_000_000_000_000_000n + BigInt(index)));
    const ambiguous = body.find((digits) => checkDigitsFit(`${digits}02`));
    expect(ambiguous).toBeDefined();
    expect(checkDigitsFit(`${ambiguous}99`)).toBe(false);
  });
});
