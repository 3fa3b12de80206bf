/**
 * What no text of ours may contain: control characters (C0, DEL, C1: general category Cc) and half surrogate pairs (Cs; with
 * the flag `u` only unpaired ones match). Printers, databases and JSON columns disagree about all of them.
 */
const NOT_ALLOWED = /[\p{Cc}\p{Cs}]/u;
const NOT_ALLOWED_ALL = /[\p{Cc}\p{Cs}]/gu;

/** Characters of a name that a pointer repeats: enough to find it, short enough for a log line. */
const SHOWN_NAME_LENGTH_MAX = 80;

/** Whether a text has neither control characters nor half surrogate pairs. */
export function isAllowedText(text: string): boolean {
  return !NOT_ALLOWED.test(text);
}

/** A text that may be shown and stored: what is not allowed becomes U+FFFD, what is too long is cut. */
export function shownText(text: string, lengthMax = SHOWN_NAME_LENGTH_MAX): string {
  const cut = text.length > lengthMax ? `${text.slice(0, lengthMax)}…` : text;
  return cut.replaceAll(NOT_ALLOWED_ALL, '\u{FFFD}');
}

/**
 * Characters that nobody sees and that change what is seen (Unicode: format, and default ignorable): directions like U+202E, blanks without
 * width, tags, variants. The two joiners stay: Persian and Indian words are written with them.
 */
const UNSEEN = /(?![\u200C\u200D])[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
const SEPARATORS = /[\u2028\u2029]/g;

/** A text as it may stand on paper and on pages: nothing in it turns round or hides what stands beside it. What was signed stays as it is. */
export function plainText(text: string): string {
  return text.replaceAll(SEPARATORS, ' ').replaceAll(UNSEEN, '');
}

/** One more step of a JSON Pointer (RFC 6901). Names come from strangers, so they are made fit to be shown. */
export function pointerStep(name: string | number): string {
  return `/${shownText(String(name)).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
