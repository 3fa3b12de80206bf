import { describe, expect, it } from 'vitest';
import { readVectors } from '../testing/read-vectors.js';
import { causeGroup, causeRetry, isFailureCause, TILL_CAUSES } from './causes.js';
import { isProblemCode, problem, type ProblemCode, PROBLEMS } from './problems.js';
import { WARNING_FACTS, WARNING_SENTENCES, WARNINGS, judgedWarning } from './warnings.js';

interface Entry {
  readonly number: number;
  readonly code: string;
  readonly retry?: string;
}

const frozen = readVectors('catalogue') as { problems: Entry[]; warnings: Entry[]; tillCauses: Entry[] };

describe.each([
  ['problems', PROBLEMS, frozen.problems],
  ['warnings', WARNINGS, frozen.warnings],
  ['till’s causes', TILL_CAUSES, frozen.tillCauses],
] as const)('catalogue of %s', (_, catalogue, list) => {
  const entries: Entry[] = Object.entries(catalogue).map(([code, entry]) => ({ code, ...entry }));

  it('keeps every number and code that was ever given (vectors/catalogue.json only grows)', () => {
    const current = new Map(entries.map(({ number, code }) => [number, code]));
    for (const { number, code } of list) expect([number, current.get(number)]).toEqual([number, code]);
  });

  it('has no entry that the frozen list does not name: add a line there too', () => {
    expect(entries.map(({ number, code }) => ({ number, code }))).toEqual(
      list.map(({ number, code }) => ({ number, code })),
    );
  });

  it('gives each number once, in order of precedence', () => {
    const numbers = entries.map(({ number }) => number);
    expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
  });

  it('never changes what a sender should do', () => {
    const retries = new Map(entries.map(({ code, retry }) => [code, retry]));
    for (const { code, retry } of list) expect([code, retries.get(code)]).toEqual([code, retry]);
  });
});

describe('causes', () => {
  it('share no number with problems', () => {
    const numbers = [...frozen.problems, ...frozen.tillCauses].map(({ number }) => number);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  it('all have a group and a retry class', () => {
    const codes = [...frozen.problems, ...frozen.tillCauses].map(({ code }) => code);
    for (const code of codes) {
      if (!isFailureCause(code)) throw new Error(`${code} is no cause`);
      expect(['network', 'server', 'authentication', 'refused', 'till']).toContain(causeGroup(code));
      expect(['same', 'later', 'never']).toContain(causeRetry(code));
    }
    expect(causeGroup('terminal_suspended')).toBe('authentication');
    expect(causeGroup('line_arithmetic')).toBe('refused');
    expect(causeGroup('server_busy')).toBe('server');
  });

  it('are not found by names that every object has', () => {
    for (const name of ['constructor', '__proto__', 'toString', '']) {
      expect(isFailureCause(name)).toBe(false);
      expect(isProblemCode(name)).toBe(false);
    }
  });
});

describe('problem', () => {
  it.each(Object.keys(PROBLEMS) as ProblemCode[])('%s says what was wrong and what to do', (code) => {
    const made = problem(code);
    expect(made).toMatchObject({ code, type: `urn:tax-control:problem:${code}` });
    expect(made.title).toMatch(/^[A-Z].*\.$/);
    expect(made.detail).toMatch(/^[A-Z].*\.$/);
    expect(made.status).toBeGreaterThanOrEqual(400);
  });

  it('bears the facts it is given', () => {
    expect(problem('over_threshold', { allowed: 5, detail: 'x' })).toMatchObject({ allowed: 5, detail: 'x' });
  });
});

describe('sentences of warnings', () => {
  const codesOf = Object.keys(WARNING_SENTENCES).map((sentence) => sentence.split('.')[0]);
  const factsOf = Object.values(WARNING_SENTENCES).flatMap((text) =>
    [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
  );

  it('are there for every warning, in the catalogue’s order', () => {
    expect([...new Set(codesOf)]).toEqual(Object.keys(WARNINGS));
  });

  it('name facts that have a kind, and every one of these', () => {
    expect(new Set(factsOf)).toEqual(new Set(Object.keys(WARNING_FACTS)));
  });

  it('say the facts that are kept beside them, whatever these contain', () => {
    expect(judgedWarning('clock_off.after_arrival', { offMs: 61_400 })).toEqual({
      code: 'clock_off',
      detail: 'Time of sale is 61 s after arrival.',
      facts: { reason: 'after_arrival', offMs: 61_400 },
    });
    const hostile = { number: '{year} $& $1', otherCode: '1'.repeat(20), year: '2026' };
    expect(judgedWarning('number_used_before', hostile)).toEqual({
      code: 'number_used_before',
      detail: `"{year} $& $1" also stands on code ${hostile.otherCode}, in 2026.`,
      facts: hostile,
    });
  });
});
