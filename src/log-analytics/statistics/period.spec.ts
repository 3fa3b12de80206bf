import { describe, expect, it } from 'vitest';
import { type CheckedPeriod, comparisonsOf, readPeriod } from './period.js';
import { stepsOf } from './steps.js';

function period(from: string, to: string, zone = 'Europe/Berlin', step = 'day'): CheckedPeriod {
  const reading = readPeriod({ from, to, zone, step });
  if (!reading.ok) throw new Error(JSON.stringify(reading.faults));
  return reading.period;
}

function starts(checked: CheckedPeriod): string[] {
  return stepsOf(checked).map(({ fromMs }) => new Date(fromMs).toISOString().slice(0, 16));
}

describe('readPeriod', () => {
  const good = { from: '2026-11-01T00:00:00Z', to: '2026-11-02T00:00:00Z', zone: 'UTC', step: 'hour' };
  it.each<[string, Partial<typeof good>, string]>([
    ['from after to', { from: '2026-11-03T00:00:00Z' }, '/to'],
    ['an empty period', { from: good.to }, '/to'],
    ['500 years', { from: '1900-01-01T00:00:00Z', to: '2400-01-01T00:00:00Z' }, '/to'],
    ['an unknown zone', { zone: 'Mars/Olympus' }, '/zone'],
    ['an unknown step', { step: 'minute' }, '/step'],
    ['more steps than a chart has points', { from: '2026-01-01T00:00:00Z' }, '/step'],
    ['a day that does not exist', { to: '2026-11-31T00:00:00Z' }, '/to'],
    ['SQL', { from: `'; DROP TABLE terminal; --` }, '/from'],
    ['a time without zone', { from: '2026-11-01T00:00:00' }, '/from'],
  ])('names %s', (_, over, pointer) => {
    const reading = readPeriod({ ...good, ...over });
    expect(reading.ok ? [] : reading.faults.map((fault) => fault.pointer)).toEqual([pointer]);
  });

  it('takes five months of hours and ten years of days', () => {
    expect(starts(period('2026-01-01T00:00:00Z', '2026-06-01T00:00:00Z', 'UTC', 'hour'))).toHaveLength(3_624);
    expect(starts(period('2016-11-22T00:00:00Z', '2026-11-22T00:00:00Z', 'UTC', 'day'))).toHaveLength(3_652);
  });
});

describe('stepsOf', () => {
  it('gives the days on which clocks change 23 and 25 hours', () => {
    const hours = (from: string, to: string): number => stepsOf(period(from, to, 'Europe/Berlin', 'hour')).length;
    expect(hours('2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z')).toBe(23);
    expect(hours('2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z')).toBe(25);
    expect(starts(period('2026-03-27T23:00:00Z', '2026-03-30T22:00:00Z'))).toEqual([
      '2026-03-27T23:00',
      '2026-03-28T23:00',
      '2026-03-29T22:00',
    ]);
  });

  it('cuts at local midnight a quarter of an hour beside the hour', () => {
    expect(starts(period('2026-11-01T10:07:00Z', '2026-11-03T18:15:00Z', 'Asia/Kathmandu'))).toEqual([
      '2026-11-01T10:07',
      '2026-11-01T18:15',
      '2026-11-02T18:15',
    ]);
    expect(starts(period('2026-11-01T10:07:00Z', '2026-11-01T12:00:00Z', 'Asia/Kathmandu', 'hour'))).toEqual([
      '2026-11-01T10:07',
      '2026-11-01T10:15',
      '2026-11-01T11:15',
    ]);
  });

  it('begins weeks on Monday and months on the first', () => {
    expect(starts(period('2026-11-18T00:00:00Z', '2026-12-02T00:00:00Z', 'UTC', 'week'))).toEqual([
      '2026-11-18T00:00',
      '2026-11-23T00:00',
      '2026-11-30T00:00',
    ]);
    expect(starts(period('2026-01-31T00:00:00Z', '2026-04-02T00:00:00Z', 'UTC', 'month'))).toEqual([
      '2026-01-31T00:00',
      '2026-02-01T00:00',
      '2026-03-01T00:00',
      '2026-04-01T00:00',
    ]);
  });

  it('begins a day whose midnight is skipped when the clock jumps, and cuts a jump of half an hour', () => {
    expect(starts(period('2026-04-23T12:00:00Z', '2026-04-25T12:00:00Z', 'Africa/Cairo'))).toEqual([
      '2026-04-23T12:00',
      '2026-04-23T22:00',
      '2026-04-24T21:00',
    ]);
    expect(starts(period('2026-10-03T14:30:00Z', '2026-10-03T17:00:00Z', 'Australia/Lord_Howe', 'hour'))).toEqual([
      '2026-10-03T14:30',
      '2026-10-03T15:30',
      '2026-10-03T16:00',
    ]);
  });
});

describe('comparisonsOf', () => {
  it('moves back by the length, and by whole weeks of local time', () => {
    const { before, sameWeekday } = comparisonsOf(period('2026-03-29T22:00:00Z', '2026-03-30T22:00:00Z'));
    expect(new Date(before.fromMs).toISOString()).toBe('2026-03-28T22:00:00.000Z');
    expect(new Date(sameWeekday.fromMs).toISOString()).toBe('2026-03-22T23:00:00.000Z');
    expect(new Date(sameWeekday.toMs).toISOString()).toBe('2026-03-23T23:00:00.000Z');
    const month = comparisonsOf(period('2026-11-01T00:00:00Z', '2026-12-01T00:00:00Z', 'UTC'));
    expect(new Date(month.sameWeekday.fromMs).toISOString()).toBe('2026-09-27T00:00:00.000Z');
  });
});
