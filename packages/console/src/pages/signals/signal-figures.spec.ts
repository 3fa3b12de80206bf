import { describe, expect, it } from 'vitest';
import { formatMeasure, sayFact } from './signal-figures.js';

describe('figures of a signal', () => {
  it('are shares in per cent, or counts, as the rule measures', () => {
    expect(formatMeasure('void_share', 0.157894736, 'en')).toBe('15.8%');
    expect(formatMeasure('refunds_after_closing', 12, 'en')).toBe('12');
  });

  it('are told in the language, with as many digits as tell something', () => {
    const code = (family: string, name: string): string => `<${family}.${name}>`;
    expect(sayFact({ name: 'median', value: 0.006944444444444444 }, { tag: 'en', code })).toBe('<fact.median>: 0.69%');
    expect(sayFact({ name: 'invoices', value: 1_234 }, { tag: 'en', code })).toBe('<fact.invoices>: 1,234');
    expect(sayFact({ name: 'comparedWith', value: 'activity' }, { tag: 'en', code })).toBe(
      '<fact.comparedWith>: <compared_with.activity>',
    );
  });
});
