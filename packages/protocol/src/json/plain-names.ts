import { endOfString, stringAt } from './string-tokens.js';

const COLON_NEXT = /\s*:/y;

/**
 * The same JSON document with no more escapes in the names of members than they need: `"\u0061mount"` becomes `"amount"`.
 *
 * V8 13 and 14 (Node.js 24 and 26, nodejs/node#63785) take a name that has an escape for one that they read before, when that
 * one is as long and equals the letters of the spelling: after `"qu\\u0061"` they read `"qu\u0061ntity"` as `qu\u0061`.
 * So the name that they take it for always has a backslash, as have those that stay escaped here (a quote, a backslash, a
 * control character): no message of ours has such a name, and both are unknown members.
 * @param text valid JSON
 */
export function withPlainNames(text: string): string {
  let plain = '';
  let copied = 0;
  for (let start = text.indexOf('"'); start >= 0;) {
    const end = endOfString(text, start);
    if (isEscapedName(text, start, end)) {
      plain += text.slice(copied, start) + JSON.stringify(stringAt(text, start, end));
      copied = end;
    }
    start = text.indexOf('"', end);
  }
  return plain + text.slice(copied);
}

/** How many names of members stand in a valid JSON text, each as often as it occurs. */
export function countNames(text: string): number {
  let names = 0;
  for (let start = text.indexOf('"'); start >= 0;) {
    const end = endOfString(text, start);
    if (isName(text, end)) names += 1;
    start = text.indexOf('"', end);
  }
  return names;
}

function isEscapedName(text: string, start: number, end: number): boolean {
  return isName(text, end) && text.slice(start, end).includes('\\');
}

/** Whether the string that ends there is the name of a member. */
function isName(text: string, end: number): boolean {
  COLON_NEXT.lastIndex = end;
  return COLON_NEXT.test(text);
}
