import { expect, it } from 'vitest';
import { parseDuration } from './duration.js';

it.each([
  ['10s', 10_000],
  ['0s', 0],
  ['500ms', 500],
  ['2m', 120_000],
  ['10', null],
  ['-1s', null],
  ['1h', null],
  ['', null],
])('%j is %s ms', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});
