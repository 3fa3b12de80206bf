import { DATE_PATTERN, DATE_TIME_PATTERN } from '../time.js';

/** Ids that an operator chooses: terminal, taxpayer, premises, tax category. */
export const IDENTIFIER_PATTERN = '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$';
/** Small letters only, so that one UUID has one spelling. */
export const UUID_PATTERN = '^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$';
export const UUID_V7_PATTERN = '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$';
/** SHA-256 in strict base64url: the last of 43 characters bears four bits, so only every fourth one can stand there. */
export const DIGEST_PATTERN = '^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$';
/** At most 15 digits before and 9 after the point, no exponent: what is multiplied stays far inside exact integers. */
export const DECIMAL_PATTERN = '^-?(0|[1-9][0-9]{0,14})(\\.[0-9]{1,9})?$';
/** Per cent. */
export const RATE_PATTERN = '^(0|[1-9][0-9]{0,2})(\\.[0-9]{1,4})?$';
export const CODE_PATTERN = '^[0-9]{20}$';
/** ISO 4217. */
export const CURRENCY_PATTERN = '^[A-Z]{3}$';

/** What a person is told who broke a pattern; a regular expression is an answer for programs. */
export const PATTERN_SENTENCES: Readonly<Record<string, string>> = {
  [IDENTIFIER_PATTERN]:
    'Must be an id: 1 to 64 letters, digits, dots, hyphens or underscores, a letter or digit first.',
  [UUID_PATTERN]: 'Must be a UUID in small letters.',
  [UUID_V7_PATTERN]: 'Must be a UUID of version 7 in small letters.',
  [DIGEST_PATTERN]: 'Must be a SHA-256 in base64url without padding: 43 characters.',
  [DECIMAL_PATTERN]:
    'Must be a decimal number as text, like "-2.50": no exponent, at most 15 digits before the point and 9 after it.',
  [RATE_PATTERN]: 'Must be per cent as text, like "7.5": at most 3 digits before the point and 4 after it.',
  [CODE_PATTERN]: 'Must be the 20 digits of a tax control code, without spaces.',
  [CURRENCY_PATTERN]: 'Must be three capital letters (ISO 4217), like "GBP".',
  [DATE_PATTERN]: 'Must be a day as YYYY-MM-DD, from 1900 to 2999.',
  [DATE_TIME_PATTERN]:
    'Must be a time with offset (RFC 3339), like "2026-11-22T18:05:00+01:00": at most milliseconds, from 1900 to 2999.',
};
