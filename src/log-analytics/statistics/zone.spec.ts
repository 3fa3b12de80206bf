import { describe, expect, it } from 'vitest';
import { instantOf, isZone, localOf, offsetAt, offsetStretches } from './zone.js';

const at = (text: string): number => Date.parse(text);

describe('zones', () => {
  it.each([
    ['Europe/Berlin', true],
    ['Asia/Kathmandu', true],
    ['UTC', true],
    ['Europe/Atlantis', false],
    ['', false],
    ['+05:45', false],
    [`'; DROP TABLE terminal; --`, false],
    ['a'.repeat(1_000), false],
  ])('knows %j: %s', (name, known) => {
    expect(isZone(name)).toBe(known);
  });

  it('tells offsets of whole and of quarter-hours, east and west', () => {
    const noon = at('2026-07-01T12:00:00Z');
    const hours = ['Asia/Kathmandu', 'America/St_Johns', 'Europe/London', 'UTC'].map(
      (zone) => offsetAt(zone, noon) / 3_600_000,
    );
    expect(hours).toEqual([5.75, -2.5, 1, 0]);
  });

  it('finds the changes of a year to the minute', () => {
    const stretches = offsetStretches('Europe/Berlin', at('2026-01-01T00:00:00Z'), at('2027-01-01T00:00:00Z'));
    expect(stretches.map(({ offsetMs }) => offsetMs / 3_600_000)).toEqual([1, 2, 1]);
    expect(stretches.slice(1).map(({ fromMs }) => new Date(fromMs).toISOString())).toEqual([
      '2026-03-29T01:00:00.000Z',
      '2026-10-25T01:00:00.000Z',
    ]);
  });

  it('takes a skipped time for the moment of the change, and the first of two', () => {
    const stretches = offsetStretches('Europe/Berlin', at('2026-01-01T00:00:00Z'), at('2027-01-01T00:00:00Z'));
    expect(instantOf(stretches, at('2026-03-29T02:30:00Z'))).toBe(at('2026-03-29T01:00:00Z'));
    expect(instantOf(stretches, at('2026-10-25T02:30:00Z'))).toBe(at('2026-10-25T00:30:00Z'));
    expect(localOf(stretches, at('2026-07-01T12:00:00Z'))).toBe(at('2026-07-01T14:00:00Z'));
  });
});
