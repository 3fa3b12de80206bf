import { describe, expect, it } from 'vitest';
import { uuidV7 } from './uuid.js';

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
