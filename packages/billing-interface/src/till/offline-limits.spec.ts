import type { OfflineLimits } from '@tax-control/protocol';
import { describe, expect, it } from 'vitest';
import type { Backlog } from '../journal/backlog-sums.js';
import { judgeLimits } from './offline-limits.js';

const HOUR_MS = 3_600_000;
const NOW = 1_000 * HOUR_MS;
const limits: OfflineLimits = { hoursMax: 10, invoicesMax: 10, salesMax: 1000, atLimit: 'warn' };
const none: Backlog = {
  waiting: 0,
  counted: 0,
  countedSales: 0,
  oldestAt: null,
  oldestCountedAt: null,
  oldestCountedPosition: null,
};
const judge = (change: Partial<Backlog>, amount = 0) => judgeLimits(limits, { ...none, ...change }, amount, NOW);

describe('offline limits', () => {
  it.each<[string, Partial<Backlog>, number, string]>([
    ['nothing waits', {}, 0, 'within'],
    ['seven of ten invoices', { counted: 7 }, 0, 'within'],
    ['eight of ten invoices', { counted: 8 }, 0, 'near'],
    ['nine of ten invoices', { counted: 9 }, 0, 'near'],
    ['ten of ten invoices', { counted: 10 }, 0, 'reached'],
    ['799 of 1000', { countedSales: 799 }, 0, 'within'],
    ['799 and one more', { countedSales: 799 }, 1, 'near'],
    ['1000 exactly', { countedSales: 900 }, 100, 'near'],
    ['one above 1000', { countedSales: 900 }, 101, 'reached'],
    ['eight hours', { oldestCountedAt: NOW - 8 * HOUR_MS }, 0, 'near'],
    ['eleven hours', { oldestCountedAt: NOW - 11 * HOUR_MS }, 0, 'reached'],
    ['a clock that was set back', { oldestCountedAt: NOW + HOUR_MS }, 0, 'within'],
    ['only deferred ones', { waiting: 50, oldestAt: 0 }, 0, 'within'],
  ])('%s', (_, backlog, amount, state) => {
    expect(judge(backlog, amount).state).toBe(state);
  });

  it('names the limit, the figures and what to do', () => {
    expect(judge({ counted: 10 })).toMatchObject({
      sentence:
        'The offline limit is reached (invoices waiting: 10 of 10). Bring the till online, or tell the operator.',
    });
  });
});
