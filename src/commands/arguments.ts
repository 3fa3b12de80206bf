import { InvalidArgumentError } from 'commander';
import { IDENTIFIER_RULE, isIdentifier } from '../registry/identifier.js';
import { isDate } from '../registry/tax-rates.js';

/** Characters of names and addresses; the columns have no limit, screens and receipts have. */
const TEXT_LENGTH_MAX = 500;
/** A time with its zone (RFC 3339), to the second or finer. */
const TIME = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:\d\d)$/;
const CONTROL_CHARACTER = /\p{Cc}/u;

/** Argument parsers for commander: each returns the value or says what the rule is. */

export function identifier(text: string): string {
  if (!isIdentifier(text)) throw new InvalidArgumentError(`It must be ${IDENTIFIER_RULE}.`);
  return text;
}

export function shortText(text: string): string {
  if (text.trim() === '' || text.length > TEXT_LENGTH_MAX || CONTROL_CHARACTER.test(text))
    throw new InvalidArgumentError(`It must be 1 to ${TEXT_LENGTH_MAX} printable characters.`);
  return text.trim();
}

export function wholeNumber(text: string): number {
  const value = /^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new InvalidArgumentError('It must be a whole number.');
  return value;
}

export function date(text: string): string {
  if (!isDate(text)) throw new InvalidArgumentError('It must be a day as YYYY-MM-DD.');
  return text;
}

/** A day, which begins at midnight of UTC, or a time with its zone; gives RFC 3339. */
export function moment(text: string): string {
  if (isDate(text)) return `${text}T00:00:00Z`;
  const [, day = ''] = TIME.exec(text) ?? [];
  if (!isDate(day) || Number.isNaN(Date.parse(text)))
    throw new InvalidArgumentError('It must be a day as YYYY-MM-DD, or a time like 2026-11-22T18:05:00Z.');
  return text;
}

export function ratePercent(text: string): string {
  if (!/^(0|[1-9][0-9]{0,2})(\.[0-9]{1,4})?$/.test(text))
    throw new InvalidArgumentError('It must be a percentage with at most four decimals, like 20 or 5.5.');
  return text;
}

export function yesOrNo(text: string): boolean {
  if (text !== 'yes' && text !== 'no') throw new InvalidArgumentError('It must be yes or no.');
  return text === 'yes';
}

/** Collects an option that may be given several times. */
export function several(text: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), text];
}
