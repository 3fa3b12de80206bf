import { PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from '@tax-control/protocol/console';
import { COMMON_WORDS, RUNS } from './common-words.js';

/** Whose password it is to be: what is known of the holder is no secret. */
export interface PasswordHolder {
  readonly name: string;
  readonly fullName: string;
}

/** Different characters that must be left when all that is easily guessed is taken away: with three, a list of a million tries them all. */
const CHARACTERS_LEFT_MIN = 4;
/** Shorter parts of names and runs are in half of all good passwords too. */
const PART_LENGTH_MIN = 3;

/** Digits and signs that stand for letters in every list of guesses. */
const DISGUISES: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};

const YEAR = /(?:19|20)[0-9]{2}/g;

/**
 * What is wrong with a password, in a sentence; null: nothing. Length, and nothing that is guessed first; no rule asks for
 * certain characters (NIST SP 800-63B, 3.1.1.2).
 */
export function faultOfPassword(password: string, holder: PasswordHolder): string | null {
  const normal = password.normalize('NFKC');
  const { length } = Array.from(normal);
  if (length < PASSWORD_LENGTH_MIN) return `must have at least ${PASSWORD_LENGTH_MIN} characters; a sentence is fine`;
  if (length > PASSWORD_LENGTH_MAX) return `must have at most ${PASSWORD_LENGTH_MAX} characters`;
  const plain = normal.toLowerCase();
  const undisguised = Array.from(plain, (character) => DISGUISES[character] ?? character).join('');
  const names = [holder.name, ...partsOf(holder.name), ...partsOf(holder.fullName)];
  const isGuessable = [plain, undisguised].some((text) => isLittle(withoutGuessable(text, names)));
  return isGuessable ? 'must not be made of a name, common words, years, runs of keys or repetitions alone' : null;
}

function partsOf(name: string): string[] {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((part) => part.length >= PART_LENGTH_MIN);
}

function isLittle(text: string): boolean {
  return new Set(text.replaceAll(/\s/g, '')).size < CHARACTERS_LEFT_MIN;
}

/** Takes away words (the longest first, so that no part hides the whole), years, runs and repetitions. */
function withoutGuessable(text: string, names: readonly string[]): string {
  const words = [...names, ...COMMON_WORDS].toSorted((one, other) => other.length - one.length);
  let rest = text;
  for (const word of words) if (word !== '') rest = rest.replaceAll(word, ' ');
  return withoutRuns(rest.replaceAll(YEAR, ' ')).replaceAll(/(.{1,4})\1+/gu, '$1');
}

function withoutRuns(text: string): string {
  let rest = '';
  for (let at = 0; at < text.length;) {
    const length = runLength(text, at);
    if (length >= PART_LENGTH_MIN) at += length;
    else {
      rest += text[at];
      at += 1;
    }
  }
  return rest;
}

/** Characters from here on that lie in one run, forwards or backwards. */
function runLength(text: string, at: number): number {
  let longest = 0;
  for (const run of BOTH_WAYS) {
    let length = 0;
    while (at + length < text.length && run.includes(text.slice(at, at + length + 1))) length += 1;
    longest = Math.max(longest, length);
  }
  return longest;
}

const BOTH_WAYS = RUNS.flatMap((run) => [run, Array.from(run).toReversed().join('')]);
