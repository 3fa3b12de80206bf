import { hasCalendarDate, isAllowedText, isCalendarDate } from '@tax-control/protocol';
import { CONSOLE_LIMITS } from '@tax-control/protocol/console';
import type { TextRule } from './rules.js';

const IDENTIFIER = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const TIME =
  /^(19|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,3})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$/;
const DAY = /^(19|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}$/;
/** No sign, no exponent, no leading zero; nine digits are far inside an integer of Postgres. */
const WHOLE_NUMBER = /^[1-9][0-9]{0,8}$/;
const CAUSE = /^[a-z0-9_]{1,64}$/;
/** Letters of names in the IANA database; what is really a zone only the database knows. */
const ZONE = /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+){0,3}$/;
/** The longest name in the IANA database has 32 letters. */
const ZONE_LENGTH_MAX = 64;
/** A region's name, a shop's, a word to look for. */
const SHORT_TEXT_LENGTH_MAX = 100;

function matching(pattern: RegExp, message: string): TextRule {
  return { accepts: (text) => pattern.test(text), message };
}

export const IDENTIFIER_RULE = matching(
  IDENTIFIER,
  'must be an id: 1 to 64 letters, digits, dots, hyphens or underscores',
);
export const UUID_RULE = matching(UUID, 'must be a UUID in small letters');
export const WHOLE_NUMBER_RULE = matching(WHOLE_NUMBER, 'must be a whole number from 1, of at most 9 digits');
export const CAUSE_RULE = matching(CAUSE, 'must be a code of the catalogue, in small letters');

export const TIME_RULE: TextRule = {
  accepts: (text) => TIME.test(text) && hasCalendarDate(text),
  message: 'must be a time with offset (RFC 3339), like 2026-11-22T18:05:00+01:00',
};

export const DAY_RULE: TextRule = {
  accepts: (text) => DAY.test(text) && isCalendarDate(text),
  message: 'must be a day of the calendar, YYYY-MM-DD',
};

export const ZONE_RULE: TextRule = {
  accepts: (text) => text.length <= ZONE_LENGTH_MAX && ZONE.test(text),
  message: 'must be the name of a time zone, like Europe/Berlin',
};

export const SHORT_TEXT_RULE: TextRule = {
  accepts: (text) => text.trim() !== '' && text.length <= SHORT_TEXT_LENGTH_MAX && isAllowedText(text),
  message: `must be a text of at most ${SHORT_TEXT_LENGTH_MAX} characters without control characters`,
};

export const REASON_RULE: TextRule = {
  accepts: (text) => {
    const { length } = text.trim();
    return (
      length >= CONSOLE_LIMITS.reasonLengthMin && text.length <= CONSOLE_LIMITS.reasonLengthMax && isAllowedText(text)
    );
  },
  message: `must say why, in ${CONSOLE_LIMITS.reasonLengthMin} to ${CONSOLE_LIMITS.reasonLengthMax} characters`,
};

/** One of the values of a closed list. */
export function oneOf(values: readonly string[]): TextRule {
  return { accepts: (text) => values.includes(text), message: `must be one of: ${values.join(', ')}` };
}

/** As people type it: 20 digits, spaces and hyphens between them. Whether its check digits fit is found out later. */
export const CODE_RULE = matching(/^[0-9][0-9\s-]{18,40}$/, 'must be the 20 digits of a tax control code');
export const CURRENCY_RULE = matching(/^[A-Z]{3}$/, 'must be three capital letters (ISO 4217), like GBP');

/** A name or an address, as the operator's command takes them. */
const LONG_TEXT_LENGTH_MAX = 500;
export const LONG_TEXT_RULE: TextRule = {
  accepts: (text) => text.trim() !== '' && text.length <= LONG_TEXT_LENGTH_MAX && isAllowedText(text),
  message: `must be 1 to ${LONG_TEXT_LENGTH_MAX} printable characters`,
};
export const RATE_RULE = matching(
  /^(0|[1-9][0-9]{0,2})(\.[0-9]{1,4})?$/,
  'must be per cent as text, like 20 or 5.5: at most four decimals',
);

/** A remark, or none. */
const NOTE_LENGTH_MAX = 500;
export const NOTE_RULE: TextRule = {
  accepts: (text) => text.length <= NOTE_LENGTH_MAX && isAllowedText(text),
  message: `must be a text of at most ${NOTE_LENGTH_MAX} characters without control characters`,
};
