import { isAscii, isUtf8 } from 'node:buffer';
import { LIMITS } from '../limits.js';
import { countNames, withPlainNames } from './plain-names.js';

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

/**
 * The value of a JSON text that somebody else wrote; null when it is no JSON, or nested deeper than `LIMITS.jsonLevelsMax`.
 * `JSON.parse` alone depends on the version of Node.js: some misread names ({@link withPlainNames}), and from 26 on nothing
 * that walks through a value fails for its depth any more.
 */
export function parseJson(text: string): { readonly value: unknown } | null {
  try {
    let value: unknown = JSON.parse(text);
    const plain = text.includes('\\') ? withPlainNames(text) : text;
    if (plain !== text) value = JSON.parse(plain);
    return hasMoreLevelsThan(value, LIMITS.jsonLevelsMax) ? null : { value };
  } catch {
    return null;
  }
}

/** As {@link parseJson}, from bytes; null also when they are not UTF-8. */
export function parseJsonBytes(bytes: Buffer): { readonly value: unknown } | null {
  const text = decodeUtf8(bytes);
  return text === null ? null : parseJson(text);
}

function hasMoreLevelsThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  for (const item of Array.isArray(value) ? (value as unknown[]) : Object.values(value))
    if (hasMoreLevelsThan(item, levels - 1)) return true;
  return false;
}

/**
 * Whether the text is exactly what `JSON.stringify` makes of the value that {@link parseJson} read from it. Then no name occurs
 * twice (the second would be missing) and no number was rewritten (1.0 would have become 1). False proves nothing: other
 * spellings are legal.
 */
export function isCanonicalJson(text: string, value: unknown): boolean {
  return JSON.stringify(value) === text;
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

/**
 * A JSON document in which no object names a member twice; null when it is none. A name that occurs twice, in any spelling, makes
 * one member of the value, so there are more names than members then. To count both takes 2 ms for a body of 4.4 MB;
 * `scanJson` also says where it is.
 */
export function parseJsonWithUniqueNames(text: string): { readonly value: unknown } | null {
  const parsed = parseJson(text);
  return parsed === null || countNames(text) > countMembers(parsed.value) ? null : parsed;
}

/** Of all objects together; `value` is no deeper than {@link parseJson} allows. */
function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const items = Object.values(value);
  let members = Array.isArray(value) ? 0 : items.length;
  for (const item of items) members += countMembers(item);
  return members;
}

/** Whether a value is a JSON object (no array, not null). */
export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
