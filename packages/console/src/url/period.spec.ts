import { describe, expect, it } from 'vitest';
import { changedParameters } from './address-state.js';
import { boundsOf, readPeriod, stepFor } from './period.js';
import { fromLocalInput, instantOf, toLocalInput } from './zoned-time.js';

const NOW = new Date('2026-11-22T10:20:30Z');
const iso = ({ from, to }: { from: Date; to: Date }) => [from.toISOString(), to.toISOString()];

describe('named periods', () => {
  it('begin at midnight of the zone', () => {
    expect(iso(boundsOf('today', 'Asia/Shanghai', NOW))).toEqual([
      '2026-11-21T16:00:00.000Z',
      '2026-11-22T10:21:00.000Z',
    ]);
    expect(iso(boundsOf('yesterday', 'America/New_York', NOW))).toEqual([
      '2026-11-21T05:00:00.000Z',
      '2026-11-22T05:00:00.000Z',
    ]);
    expect(iso(boundsOf('last_month', 'Europe/Berlin', NOW))).toEqual([
      '2026-09-30T22:00:00.000Z',
      '2026-10-31T23:00:00.000Z',
    ]);
  });
});

describe('times of a zone', () => {
  it('are read as its clocks show them, also around a change of clocks', () => {
    expect(fromLocalInput('2026-03-29T01:59', 'Europe/Berlin')?.toISOString()).toBe('2026-03-29T00:59:00.000Z');
    expect(fromLocalInput('2026-03-29T03:00', 'Europe/Berlin')?.toISOString()).toBe('2026-03-29T01:00:00.000Z');
    expect(toLocalInput(new Date('2026-07-01T00:00:00Z'), 'Asia/Kathmandu')).toBe('2026-07-01T05:45');
    expect(instantOf({ year: 2026, month: 10, day: 25 }, 'Europe/Berlin').toISOString()).toBe(
      '2026-10-24T22:00:00.000Z',
    );
  });

  it('are none when they are no times', () => {
    for (const text of ['', 'soon', '2026-11-22', '<b>'])
      expect([text, fromLocalInput(text, 'UTC')]).toEqual([text, null]);
  });
});

describe('a period in an address', () => {
  const read = (text: string) => readPeriod(new URLSearchParams(text), NOW);

  it('is the named one, with a step that fits', () => {
    expect(read('period=30d&zone=UTC')).toMatchObject({ preset: '30d', zone: 'UTC', step: 'day', fault: null });
    expect(read('period=30d&zone=UTC&step=hour').step).toBe('hour');
  });

  it('has its bounds in the zone named', () =>
    expect(read('from=2026-11-01T00:00&to=2026-11-02T00:00&zone=Asia/Shanghai')).toMatchObject({
      preset: 'custom',
      from: '2026-10-31T16:00:00.000Z',
      to: '2026-11-01T16:00:00.000Z',
      step: 'hour',
    }));

  it('says what is wrong with it and goes on with the last 7 days', () => {
    expect(read('from=2026-11-02T00:00&to=2026-11-01T00:00&zone=UTC')).toMatchObject({ fault: 'order', step: 'day' });
    expect(read('from=x&to=y&zone=UTC').fault).toBe('unreadable');
    expect(read('zone=Mars/Olympus').zone).not.toBe('Mars/Olympus');
    expect(read('period=custom').preset).toBe('7d');
  });
});

describe('steps', () => {
  const days = (count: number) => stepFor(NOW, new Date(NOW.getTime() + count * 86_400_000));
  it('give a chart between a few and a hundred columns', () =>
    expect([1, 7, 90, 365, 3_650].map(days)).toEqual(['hour', 'day', 'day', 'week', 'month']));
});

describe('a change of the address', () => {
  it('begins paging again, removes what is emptied, repeats lists', () => {
    const next = changedParameters(new URLSearchParams('page=4&region=a&door=issue'), {
      region: ['b', 'c'],
      door: null,
    });
    expect(next.toString()).toBe('region=b&region=c');
    expect(changedParameters(next, { page: '2' }).get('page')).toBe('2');
  });
});
