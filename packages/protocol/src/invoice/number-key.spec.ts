import { describe, expect, it } from 'vitest';
import { numberKey } from './number-key.js';

describe('numberKey', () => {
  it.each<[string, ...string[]]>([
    ['Caf\u00E9 7', 'Cafe\u0301 7', 'CAF\u00C9\u00A07', ' caf\u00E97\u2009', 'CAFE\u0301\u200B7'],
    ['2026-0001', '２０２６-０００１', '2026 - 0001'],
    ['Straße 1', 'STRASSE1'],
    ['ΣΟΣ', 'σος'],
  ])('takes all spellings of %s for one number', (...spellings) => {
    expect(new Set(spellings.map(numberKey)).size).toBe(1);
  });

  it('takes others for others', () => {
    expect(new Set(['1', '01', '1a', '1-a', 'a1', 'é1', 'e1'].map(numberKey)).size).toBe(7);
  });
});
