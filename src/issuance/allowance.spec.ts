import { expect, it } from 'vitest';
import { allowanceOf } from './allowance.js';

it.each([
  [50, 0, 50],
  [50, 0.5, 50],
  [50, 0.75, 25],
  [50, 0.99, 1],
  [50, 1, 0],
  [1, 0.6, 0],
])('a threshold of %i at a load of %d allows %i', (threshold, load, expected) => {
  expect(allowanceOf(threshold, load)).toBe(expected);
});
