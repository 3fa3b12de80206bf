import { describe, expect, it } from 'vitest';
import { localTime } from './clock.js';

describe('localTime', () => {
  it.each([
    [Date.UTC(2026, 9, 13, 22, 30), 'Asia/Riyadh', '2026-10-14T01:30:00.000+03:00'],
    [Date.UTC(2026, 9, 13, 22, 30), 'UTC', '2026-10-13T22:30:00.000Z'],
    [Date.UTC(2026, 9, 13, 22, 30), 'America/St_Johns', '2026-10-13T20:00:00.000-02:30'],
    [Date.UTC(2026, 9, 13, 22, 30, 1, 7), 'Asia/Kathmandu', '2026-10-14T04:15:01.007+05:45'],
    // The last minute of summer time, and the first after it.
    [Date.UTC(2026, 9, 25, 0, 59, 59), 'Europe/London', '2026-10-25T01:59:59.000+01:00'],
    [Date.UTC(2026, 9, 25, 1), 'Europe/London', '2026-10-25T01:00:00.000Z'],
    [Date.UTC(1970, 0, 1), 'Africa/Monrovia', '1969-12-31T23:15:00.000-00:45'],
  ])('%d in %s is %s', (time, zone, text) => {
    expect(localTime(time, zone)).toBe(text);
    // Monrovia was 44:30 minutes behind: RFC 3339 has no seconds of an offset.
    expect(Math.abs(Date.parse(text) - time)).toBeLessThan(60_000);
  });
});
