import type { Fault } from '../catalogue/problems.js';
import { endOfString, stringAt } from './string-tokens.js';
import { isAllowedText, pointerStep } from './text.js';

/** What `JSON.parse` passes over in silence, each kind with where it is. */
export interface JsonFaults {
  /** Members named twice in one object, also when spelled with escapes. */
  readonly duplicateNames: Fault[];
  /** Numbers not written as plain integers: 1.0, 1e3, -0. */
  readonly numbersNotInteger: Fault[];
  /** Integers beyond ±(2^53 − 1). */
  readonly numbersUnsafe: Fault[];
  /** Texts and names with control characters or half surrogate pairs. */
  readonly texts: Fault[];
}

/** Faults of one kind that are listed: a person mends the first ones and sends it again. */
export const FAULTS_MAX = 10;

const PLAIN_INTEGER = /^(0|-?[1-9][0-9]*)$/;
const NUMBER_CHARACTERS = /[-+.0-9eE]*/y;

/** An object or array that is open at this place of the text. */
interface Level {
  /** Names seen so far; null for an array. */
  readonly names: Set<string> | null;
  /** Name of the member, or index of the item, that is being read. */
  step: string | number;
  expectsName: boolean;
}

/**
 * Looks through the text of a JSON document for what its value no longer shows.
 * @param text must have been taken by `parseJson`; the scanner relies on its grammar and on its bound of nesting
 */
export function scanJson(text: string): JsonFaults {
  const faults: JsonFaults = {
    duplicateNames: [],
    numbersNotInteger: [],
    numbersUnsafe: [],
    texts: [],
  };
  const levels: Level[] = [];
  let level: Level | undefined;
  const add = (list: Fault[], detail: string): void => {
    if (list.length >= FAULTS_MAX) return;
    list.push({ pointer: levels.map(({ step }) => pointerStep(step)).join(''), detail });
  };
  const readString = (start: number): number => {
    const end = endOfString(text, start);
    const value = stringAt(text, start, end);
    if (level?.expectsName && level.names) {
      level.step = value;
      if (level.names.has(value)) add(faults.duplicateNames, 'This name occurs twice in its object.');
      level.names.add(value);
    }
    if (!isAllowedText(value)) add(faults.texts, 'Contains a control character or half a surrogate pair.');
    return end;
  };
  const readNumber = (start: number): number => {
    NUMBER_CHARACTERS.lastIndex = start;
    const token = NUMBER_CHARACTERS.exec(text)?.[0] ?? '';
    if (!PLAIN_INTEGER.test(token)) add(faults.numbersNotInteger, 'Is not written as a plain integer.');
    else if (!Number.isSafeInteger(Number(token))) add(faults.numbersUnsafe, 'Is beyond ±(2^53 − 1).');
    return start + token.length;
  };
  for (let at = 0; at < text.length;) {
    const character = text.charAt(at);
    if (character === '"') at = readString(at);
    else if (character === '-' || (character >= '0' && character <= '9')) at = readNumber(at);
    else {
      at += 1;
      if (character === '{' || character === '[') {
        const isObject = character === '{';
        level = { names: isObject ? new Set() : null, step: isObject ? '' : 0, expectsName: isObject };
        levels.push(level);
      } else if (character === '}' || character === ']') {
        levels.pop();
        level = levels.at(-1);
      } else if (level && character === ':') level.expectsName = false;
      else if (level && character === ',') {
        if (typeof level.step === 'number') level.step += 1;
        else level.expectsName = true;
      }
    }
  }
  return faults;
}
