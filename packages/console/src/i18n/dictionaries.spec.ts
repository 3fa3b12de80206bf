import { describe, expect, it } from 'vitest';
import { type ProblemCode, PROBLEMS, TILL_CAUSES, WARNING_SENTENCES, WARNINGS } from '@tax-control/protocol';
import { AUDIT_ACTIONS, CHECK_REASONS } from '@tax-control/protocol/console';
import { DICTIONARIES, LANGUAGE_TAGS } from './dictionaries.js';
import { fillIn, firstLanguage } from './language.js';

/** Problems from this number on are answers to officials and customers: no attempt of a till fails with them. */
const FIRST_CONSOLE_PROBLEM = 200;
/** What the server answers to officials as to tills; the catalogue's words for it are for tills. */
const PROBLEMS_OF_ALL: readonly ProblemCode[] = [
  'server_busy',
  'outcome_unknown',
  'database_unavailable',
  'internal_error',
  'request_too_large',
  'request_timeout',
  'malformed_request',
  'invalid_request',
  'too_many_requests',
  'parameters_missing',
];
const { en } = DICTIONARIES;

const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

describe.each(LANGUAGE_TAGS)('dictionary %s', (tag) => {
  const dictionary: Record<string, string> = DICTIONARIES[tag];

  it('has the keys of the others, none more and none less', () =>
    expect(Object.keys(dictionary).sort()).toEqual(Object.keys(en).sort()));

  it('has a text for every key', () =>
    expect(Object.entries(dictionary).filter(([, text]) => text.trim() === '')).toEqual([]));

  it('puts the same values into its texts', () => {
    for (const [key, text] of Object.entries(en))
      expect([key, placeholders(dictionary[key] ?? '')]).toEqual([key, placeholders(text)]);
  });

  it('names every cause of a failed attempt and every warning', () => {
    const causes = Object.entries({ ...PROBLEMS, ...TILL_CAUSES })
      .filter(([code, { number }]) => number < FIRST_CONSOLE_PROBLEM || code in TILL_CAUSES)
      .map(([code]) => `cause.${code}`);
    const warnings = Object.keys(WARNINGS).map((code) => `warning.${code}`);
    expect([...causes, ...warnings].filter((key) => !Object.hasOwn(dictionary, key))).toEqual([]);
  });

  it('says what every warning says, with the same facts', () => {
    const said = Object.entries(dictionary).filter(([key]) => key.startsWith('warning_detail.'));
    const expected = Object.entries(WARNING_SENTENCES).map(([sentence, text]) => [
      `warning_detail.${sentence}`,
      placeholders(text),
    ]);
    expect(said.map(([key, text]) => [key, placeholders(text)])).toEqual(expected);
  });

  it('names every action of the audit trail', () =>
    expect(AUDIT_ACTIONS.filter((action) => !Object.hasOwn(dictionary, `action.${action}`))).toEqual([]));

  it('says why a check of an invoice came out so', () =>
    expect(Object.keys(CHECK_REASONS).filter((reason) => !Object.hasOwn(dictionary, `check_reason.${reason}`))).toEqual(
      [],
    ));

  it('says what to do about every refusal of the console', () => {
    const codes = Object.entries(PROBLEMS)
      .filter(([, { number }]) => number >= FIRST_CONSOLE_PROBLEM && number < 240)
      .map(([code]) => code);
    const refusals = [...PROBLEMS_OF_ALL, ...codes].flatMap((code) => [
      `problem.${code}.title`,
      `problem.${code}.remedy`,
    ]);
    expect(refusals.filter((key) => !Object.hasOwn(dictionary, key))).toEqual([]);
  });
});

describe('choice of language', () => {
  it('keeps what was chosen, else follows the browser, else is English', () => {
    expect(firstLanguage('zh-CN', ['en'])).toBe('zh-CN');
    expect(firstLanguage('xx', ['zh-TW', 'en'])).toBe('zh-CN');
    expect(firstLanguage(null, ['en-GB', 'zh'])).toBe('en');
    expect(firstLanguage(null, [])).toBe('en');
  });

  it('leaves a value that is missing visible', () => expect(fillIn('{a} of {b}', { a: 1 })).toBe('1 of {b}'));
});
