import { expect, it } from 'vitest';
import { Throttle } from './throttle.js';

it('lets one of a kind through within its time, and tells how many it held back', () => {
  let nowMs = 0;
  const throttle = new Throttle(1_000, () => nowMs);
  expect([throttle.pass('a'), throttle.pass('a'), throttle.pass('b'), throttle.pass('a')]).toEqual([0, null, 0, null]);
  nowMs = 999;
  expect(throttle.pass('a')).toBe(null);
  nowMs = 1_000;
  expect([throttle.pass('a'), throttle.pass('a'), throttle.pass('b')]).toEqual([3, null, 0]);
});
