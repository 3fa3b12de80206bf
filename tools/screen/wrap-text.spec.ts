import { expect, it } from 'vitest';
import { wrapText } from './wrap-text.js';

it.each([
  ['one two three', 7, ['one two', 'three']],
  ['one two three', 80, ['one two three']],
  ['extraordinarily long', 5, ['extraordinarily', 'long']],
  ['', 5, ['']],
])('%j in %i columns', (text, columns, lines) => {
  expect(wrapText(text, columns)).toStrictEqual(lines);
});
