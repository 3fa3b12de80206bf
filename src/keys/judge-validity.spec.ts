import { describe, expect, it } from 'vitest';
import { judgeValidity } from './judge-validity.js';
import type { KeyEntry } from './key-entries.js';

const LISTENER: KeyEntry = {
  kind: 'terminal_listener',
  id: 'x',
  use: 'in_use',
  notBefore: '2026-01-01T00:00:00.000Z',
  notAfter: '2026-12-31T00:00:00.000Z',
};

describe('judgeValidity', () => {
  it.each([
    ['2025-12-31T23:59:59.000Z', 'not_yet_valid', 364],
    ['2026-11-30T00:00:00.000Z', 'valid', 31],
    ['2026-12-01T00:00:00.000Z', 'ending', 30],
    ['2026-12-30T12:00:00.000Z', 'ending', 0],
    ['2026-12-31T00:00:01.000Z', 'expired', -1],
  ])('at %s a listener’s certificate is %s, %d days left', (now, state, daysLeft) => {
    expect(judgeValidity(LISTENER, new Date(now))).toMatchObject({ state, daysLeft });
  });

  it('says so a year before of what every till must learn first', () => {
    const now = new Date('2026-01-02T00:00:00.000Z');
    expect(judgeValidity({ ...LISTENER, kind: 'authority' }, now)).toMatchObject({ state: 'ending' });
    expect(judgeValidity({ ...LISTENER, kind: 'signing_certificate' }, now)).toMatchObject({ state: 'ending' });
  });

  it('says nothing of what nothing depends on any more, and of keys that have no dates', () => {
    const late = new Date('2030-01-01T00:00:00.000Z');
    expect(judgeValidity({ ...LISTENER, use: 'earlier' }, late)).toBeNull();
    expect(judgeValidity({ ...LISTENER, kind: 'mac_key', notBefore: null, notAfter: null }, late)).toBeNull();
  });
});
