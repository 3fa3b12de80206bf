import { expect, it } from 'vitest';
import { systemClock } from '../clock.js';
import { TestClock } from './test-clock.js';

const NOON = Date.parse('2026-11-22T12:00:00Z');

it('follows the computer’s clock until it is set, and after it is reset', () => {
  const clock = new TestClock();
  const before = systemClock.now();
  expect(clock.now()).toBeGreaterThanOrEqual(before);
  clock.set(NOON);
  expect(clock.now()).toBe(NOON);
  clock.reset();
  expect(clock.now()).toBeGreaterThanOrEqual(before);
});

it('stands still, and lets time pass on both clocks', () => {
  const clock = new TestClock(NOON);
  const beganMs = clock.monotonicMs();
  clock.advance(1_500);
  expect([clock.now(), clock.monotonicMs()]).toEqual([NOON + 1_500, beganMs + 1_500]);
});

it('sets the time back and not the monotonic clock', () => {
  const clock = new TestClock(NOON);
  const beganMs = clock.monotonicMs();
  clock.set(NOON - 60_000);
  expect([clock.now(), clock.monotonicMs()]).toEqual([NOON - 60_000, beganMs]);
});
