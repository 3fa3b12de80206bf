import { describe, expect, it } from 'vitest';
import { Outage } from './outage.js';

/** A timer may fire so much early. */
const TIMER_MS = 2;
const SIGNAL = new AbortController().signal;

/** Notes the order of events instead of killing anything. */
function recorder() {
  const events: string[] = [];
  return {
    events,
    server: {
      killServer: async () => void events.push('killed'),
      startServer: async () => void events.push('started'),
    },
  };
}

describe('Outage', () => {
  it('takes the server away before the middle third, and spreads that third over the outage', async () => {
    const { events, server } = recorder();
    const outage = new Outage(server, 9, 90, SIGNAL);
    const times: number[] = [];
    let startedAt = 0;
    for (let index = 0; index < 9; index += 1) {
      if (index === 3) startedAt = Date.now();
      await outage.before(index);
      times.push(Date.now());
      events.push(`sale ${index}`);
    }
    expect(outage.isOver).toBe(true);
    expect(events).toStrictEqual([
      'sale 0',
      'sale 1',
      'sale 2',
      'killed',
      'sale 3',
      'sale 4',
      'sale 5',
      'started',
      'sale 6',
      'sale 7',
      'sale 8',
    ]);
    // Of 90 ms, the sales 3, 4 and 5 begin after 0, 30 and 60: never sooner, whatever made them late.
    for (const [index, dueMs] of [
      [4, 30],
      [5, 60],
    ] as const)
      expect(times[index]! - startedAt).toBeGreaterThanOrEqual(dueMs - TIMER_MS);
  });

  it('of no duration is none', async () => {
    const { events, server } = recorder();
    const outage = new Outage(server, 3, 0, SIGNAL);
    for (let index = 0; index < 3; index += 1) await outage.before(index);
    await outage.over();
    expect(events).toStrictEqual([]);
  });

  it('tells that the server did not come back', async () => {
    const { server } = recorder();
    const outage = new Outage({ ...server, startServer: () => Promise.reject(new Error('port taken')) }, 3, 1, SIGNAL);
    await outage.before(1);
    await expect(outage.over()).rejects.toThrow('port taken');
  });
});
