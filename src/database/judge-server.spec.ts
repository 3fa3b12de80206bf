import { describe, expect, it } from 'vitest';
import { judgeDurability, judgeVersion, judgeWritable } from './judge-server.js';

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
    expect(judgeDurability({ ...DURABLE, ...settings })).toEqual([
      expect.objectContaining({ advice: expect.stringMatching(remedy) as string }),
    ]);
  });

  it('names all that is wrong at once', () => {
    const settings = { ...DURABLE, fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' };
    expect(judgeDurability(settings)).toHaveLength(3);
  });
});

describe('judgeVersion', () => {
  it('refuses what is older than what was tried, and names both', () => {
    expect(judgeVersion({ version: 140_023 })).toEqual([
      expect.objectContaining({ seen: 'The database is PostgreSQL 14; this program needs 15 or later.' }),
    ]);
  });

  it.each([150_000, 150_020, 160_014, 170_010, 180_004, 190_001])('accepts %d', (version) => {
    expect(judgeVersion({ version })).toEqual([]);
  });
});

describe('judgeWritable', () => {
  it('tells a standby from a database that was made read-only', () => {
    expect(judgeWritable({ in_recovery: false, read_only: 'off' })).toEqual([]);
    // A standby is read-only too: promoting it is what helps.
    expect(judgeWritable({ in_recovery: true, read_only: 'on' })).toEqual([
      expect.objectContaining({ advice: expect.stringContaining('pg_promote') as string }),
    ]);
    expect(judgeWritable({ in_recovery: false, read_only: 'on' })).toEqual([
      expect.objectContaining({ advice: expect.stringContaining('default_transaction_read_only') as string }),
    ]);
  });
});
