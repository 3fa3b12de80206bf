import { expect, it } from 'vitest';
import { SilentSessions } from './session-silent.js';

it('lets no more sessions be dropped in a row than the pool has, until one of them answers', () => {
  const silent = new SilentSessions(2);
  expect([silent.mayDrop(), silent.mayDrop(), silent.mayDrop()]).toEqual([true, true, false]);
  silent.answered();
  expect(silent.mayDrop()).toBe(true);
});
