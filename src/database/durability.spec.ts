import { describe, expect, it } from 'vitest';
import { judgeDurability } from './durability.js';

const DURABLE = { fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on', synchronous_standby_names: '' };

describe('judgeDurability', () => {
  it.each([
    ['the defaults', {}],
    [
      'a commit that waits for standbys to apply',
      { synchronous_commit: 'remote_apply', synchronous_standby_names: 'a' },
    ],
    ['a local commit where no standby takes over', { synchronous_commit: 'local' }],
  ])('accepts %s', (_, settings) => {
    expect(judgeDurability({ ...DURABLE, ...settings })).toEqual([]);
  });

  it.each([
    ['fsync', { fsync: 'off' }, /fsync = on/],
    ['full_page_writes', { full_page_writes: 'off' }, /full_page_writes = on/],
    ['synchronous_commit', { synchronous_commit: 'off' }, /synchronous_commit = on/],
    [
      'standbys',
      { synchronous_commit: 'local', synchronous_standby_names: 'a' },
      /take synchronous_standby_names away/,
    ],
  ])('refuses wrong %s and says what to do', (_, settings, remedy) => {
    expect(judgeDurability({ ...DURABLE, ...settings })).toEqual([expect.stringMatching(remedy)]);
  });

  it('names all that is wrong at once', () => {
    const settings = { ...DURABLE, fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' };
    expect(judgeDurability(settings)).toHaveLength(3);
  });
});
