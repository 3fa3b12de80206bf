import { expect, it } from 'vitest';
import { RequestLimit } from './request-limit.js';

const PER_SECOND = 5;
const BURST = 50;

let now = 0;

function takeAll(limit: RequestLimit, terminalId: string): number {
  let taken = 0;
  while (limit.take(terminalId) === 0) taken += 1;
  return taken;
}

it('lets a burst through, then what the rate allows, and says how long to wait', () => {
  const limit = new RequestLimit(PER_SECOND, () => now);
  expect(takeAll(limit, 'till-1')).toBe(BURST);
  expect(limit.take('till-1')).toBe(200);
  now += 1_000;
  expect(takeAll(limit, 'till-1')).toBe(PER_SECOND);
  now += 100;
  expect(limit.take('till-1')).toBe(100);
});

it('takes nothing from the other tills', () => {
  const limit = new RequestLimit(PER_SECOND, () => now);
  takeAll(limit, 'till-1');
  expect(limit.take('till-2')).toBe(0);
});

it('saves no more than the burst, however long a till was quiet', () => {
  const limit = new RequestLimit(PER_SECOND, () => now);
  takeAll(limit, 'till-1');
  now += 86_400_000;
  expect(takeAll(limit, 'till-1')).toBe(BURST);
});

it('counts a body for its bytes, and leaves one request of a full bucket', () => {
  const limit = new RequestLimit(PER_SECOND, () => now);
  expect(limit.take('till-1', 5 * 16_384)).toBe(0);
  expect(takeAll(limit, 'till-1')).toBe(BURST - 5);
  expect(limit.take('till-1', 2 * 16_384)).toBe(400);
  expect(limit.take('till-2', 6_000_000)).toBe(0);
  // Its request is counted too.
  expect(limit.take('till-2')).toBe(0);
  expect(limit.take('till-2')).toBe(200);
});
