import { describe, expect, it } from 'vitest';
import { readVectors } from '../testing/read-vectors.js';
import { causeGroup, causeRetry, isFailureCause, TILL_CAUSES } from './causes.js';
import { isProblemCode, problem, type ProblemCode, PROBLEMS } from './problems.js';
import { WARNINGS } from './warnings.js';

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
