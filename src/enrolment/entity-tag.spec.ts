import { expect, it } from 'vitest';
import { namesEntityTag } from './entity-tag.js';

it.each([
  ['W/"1-a"', true],
  ['"1-a"', true],
  ['"0-z", W/"1-a"', true],
  ['*', true],
  ['"1-b"', false],
  ['1-a', false],
  ['', false],
  [undefined, false],
])('finds W/"1-a" in %s: %s', (header, expected) => {
  expect(namesEntityTag(header, 'W/"1-a"')).toBe(expected);
});
