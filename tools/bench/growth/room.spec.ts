import { describe, expect, it } from 'vitest';
import { roomShort } from './room.js';

describe('roomShort', () => {
  it('says nothing where there is room', () => {
    expect(roomShort(5_000_000, 19_000_000_000, '/tmp')).toBeNull();
  });

  it('says how much is needed, how much is free, where, and what to do', () => {
    expect(roomShort(5_000_000, 18_999_999_999, '/tmp')).toBe(
      '5000000 invoices need 19.0 GB below /tmp, and 19.0 GB are free; fewer with --filled',
    );
    expect(roomShort(1_000, 1_000_000_000, '/data')).toMatch(/^1000 invoices need 4\.0 GB below \/data, and 1\.0 GB/);
  });
});
