import { describe, expect, it } from 'vitest';
import { codeOfQr, printedTime } from './printed.js';

describe('a time as printed', () => {
  it.each([
    ['2026-11-22 18:21:07+08:00', '2026-11-22T18:21:07+08:00'],
    ['2026-11-22 18:21:07Z', '2026-11-22T18:21:07Z'],
    [' 2026-11-22T18:21:07 +00:00 ', '2026-11-22T18:21:07+00:00'],
  ])('%s is read', (typed, time) => expect(printedTime(typed)).toBe(time));

  it.each(['2026-11-22 18:21:07', '2026-11-22', '2026-02-30 10:00:00Z', '22.11.2026 18:21', ''])(
    '%s is refused: it has no offset, or is no time',
    (typed) => expect(printedTime(typed)).toBeNull(),
  );
});

it('reads the code out of a QR, and leaves a typed code as it is', () => {
  expect(codeOfQr('https://tax.example/v/90000000001212345678 ')).toBe('90000000001212345678');
  expect(codeOfQr('90000 00000 12123 45678')).toBe('90000 00000 12123 45678');
  // A receipt without a code: its QR names the till and the invoice.
  const offline = 'https://tax.example/v/till-7/019a0c1e-7b00-7000-8000-000000000001?p=1.GBP.1.normal.a.b';
  expect(codeOfQr(offline)).toBe(offline);
});
