import { expect, it } from 'vitest';
import { isOwnOrigin } from './origin.js';

it.each([
  ['https://tax.example', 'tax.example'],
  ['https://tax.example:9443', 'tax.example:9443'],
  ['https://TAX.example', 'tax.EXAMPLE'],
  ['https://[::1]:9443', '[::1]:9443'],
])('%s is the origin of pages of %s', (origin, host) => expect(isOwnOrigin({ origin, host })).toBe(true));

it.each([
  ['http://tax.example', 'tax.example'],
  ['https://tax.example.evil.example', 'tax.example'],
  ['https://tax.example:444', 'tax.example'],
  ['https://evil.example/tax.example', 'tax.example'],
  ['null', 'tax.example'],
  ['', ''],
  [undefined, 'tax.example'],
  ['https://tax.example', undefined],
])('%s is not of %s', (origin, host) =>
  expect(isOwnOrigin({ ...(origin === undefined ? {} : { origin }), ...(host === undefined ? {} : { host }) })).toBe(
    false,
  ),
);
