import { describe, expect, it } from 'vitest';
import { timeOfUuidV7, uuidV7 } from './uuid.js';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('uuidV7', () => {
  it('has the form of version 7 and its time in front, in 1970 and in 2100, too', () => {
    expect(uuidV7(0)).toMatch(/^00000000-0000-7/);
    expect(uuidV7(Date.UTC(2100, 0, 1))).toMatch(UUID_V7);
    // The example of RFC 9562, A.6 has this time.
    expect(uuidV7(1_645_557_742_000)).toMatch(/^017f22e2-79b0-7/);
    expect(uuidV7(Date.UTC(2026, 0, 1)) < uuidV7(Date.UTC(2026, 0, 2))).toBe(true);
  });

  it('never comes twice', () => {
    const made = Array.from({ length: 10_000 }, () => uuidV7(0));
    expect(new Set(made).size).toBe(10_000);
    for (const uuid of made.slice(0, 100)) expect(uuid).toMatch(UUID_V7);
  });
});

describe('timeOfUuidV7', () => {
  it('is the time that it was made with', () => {
    for (const time of [0, 1_645_557_742_000, Date.UTC(2100, 0, 1), 2 ** 48 - 1])
      expect(timeOfUuidV7(uuidV7(time))).toBe(time);
  });

  it.each([
    '',
    '017f22e2-79b0-4cc3-98c4-dc0c0c07398f',
    '017F22E2-79B0-7CC3-98C4-DC0C0C07398F',
    '017f22e2-79b0-7cc3-98c4-dc0c0c07398',
    '00000000-0000-0000-0000-000000000000',
  ])('is none in %j', (text) => {
    expect(timeOfUuidV7(text)).toBeNull();
  });
});
