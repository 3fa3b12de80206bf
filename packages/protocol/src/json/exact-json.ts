import { isAscii, isUtf8 } from 'node:buffer';
import { scanJson } from './scan-json.js';

/** Control characters that canonical JSON writes raw: DEL and C1. The others it writes as escapes. */
const RAW_CONTROL = /[\u{7F}-\u{9F}]/u;
const DELETE = '\u{7F}';
/** An escape other than of the quote and of the backslash itself: a control character or half a surrogate pair. */
const ESCAPED_CONTROL = /(?:^|[^\\])(?:\\\\)*\\[^"\\]/;

/** Text of bytes that must be UTF-8 (a byte order mark is kept and is no JSON); null when they are not. */
export function decodeUtf8(bytes: Buffer): string | null {
  if (isAscii(bytes)) return bytes.toString('latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : null;
}

/** `JSON.parse` whose refusal is a value. */
export function parseJson(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

/**
 * Whether the text is exactly what `JSON.stringify` makes of the value parsed from it. Then no name occurs twice (the
 * second would be missing) and no number was rewritten (1.0 would have become 1). False proves nothing: other spellings are legal.
 */
export function isCanonicalJson(text: string, value: unknown): boolean {
  try {
    return JSON.stringify(value) === text;
  } catch {
    // Nested too deeply for the recursion of JSON.stringify.
    return false;
  }
}

/**
 * Whether no text in a document has control characters or half surrogate pairs.
 * @param canonicalText a document for which {@link isCanonicalJson} holds
 * @param isAsciiText whether it is all ASCII, where looking for one character is much faster
 */
export function hasAllowedTexts(canonicalText: string, isAsciiText: boolean): boolean {
  if (canonicalText.includes('\\') && ESCAPED_CONTROL.test(canonicalText)) return false;
  return isAsciiText ? !canonicalText.includes(DELETE) : !RAW_CONTROL.test(canonicalText);
}

/** A JSON document in which no object names a member twice; null when it is none. */
export function parseJsonWithUniqueNames(text: string): { readonly value: unknown } | null {
  const parsed = parseJson(text);
  if (parsed === null || isCanonicalJson(text, parsed.value)) return parsed;
  const faults = scanJson(text);
  return faults.duplicateNames.length > 0 || faults.tooDeep ? null : parsed;
}

/** Whether a value is a JSON object (no array, not null). */
export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
