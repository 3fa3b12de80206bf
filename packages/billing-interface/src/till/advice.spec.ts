import { problem, PROBLEMS, TILL_CAUSES } from '@tax-control/protocol';
import { describe, expect, it } from 'vitest';
import { adviceFor } from './advice.js';

describe('adviceFor', () => {
  it.each([...Object.keys(PROBLEMS), ...Object.keys(TILL_CAUSES)] as (keyof typeof PROBLEMS)[])(
    'says no sentence of %s twice, whatever the server said of it',
    (cause) => {
      const because = cause in PROBLEMS ? problem(cause).detail : null;
      const sentences = adviceFor(cause, because)
        .split(/[.:()]/)
        .map((part) => part.trim())
        .filter((part) => part !== '');
      expect(sentences).toEqual([...new Set(sentences)]);
    },
  );

  it('tells what the server said beyond the catalogue', () => {
    expect(adviceFor('terminal_suspended', 'Papers are missing')).toMatch(
      /The terminal is suspended \(Papers are missing\)\. Ask the tax office why\./,
    );
  });
});
