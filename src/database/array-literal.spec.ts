import { describe, expect, it } from 'vitest';
import { arrayLiteral } from './array-literal.js';

describe('arrayLiteral', () => {
  it('leaves numbers, codes, times and names alone', () => {
    expect(arrayLiteral([1, -7, 9007199254740991])).toBe('{1,-7,9007199254740991}');
    expect(arrayLiteral(['2026-02-03T04:05:06.789Z', 'till-1', 'a_b', '+1.5'])).toBe(
      '{2026-02-03T04:05:06.789Z,till-1,a_b,+1.5}',
    );
  });

  it.each([
    ['nothing', '', '""'],
    ['the word NULL', 'NULL', '"NULL"'],
    ['null in other letters', 'nUll', '"nUll"'],
    ['a space', ' a b ', '" a b "'],
    ['a comma', 'a,b', '"a,b"'],
    ['braces', '{a}', '"{a}"'],
    ['quotes', 'say "a"', String.raw`"say \"a\""`],
    ['backslashes', String.raw`a\b\\`, String.raw`"a\\b\\\\"`],
    ['a line break', 'a\r\nb', '"a\r\nb"'],
    ['a plain line and its end', 'a\n', '"a\n"'],
    ['letters beyond ASCII', 'Köln', '"Köln"'],
  ])('puts in quotes: %s', (_, text, element) => {
    expect(arrayLiteral([text])).toBe(`{${element}}`);
  });

  it('tells what is missing from the word for it, and leaves words alone that begin like it', () => {
    expect(arrayLiteral([null, 'null', 'nullable', 'a'])).toBe('{NULL,"null",nullable,a}');
  });

  it('has no element for an empty column', () => {
    expect(arrayLiteral([])).toBe('{}');
  });
});
