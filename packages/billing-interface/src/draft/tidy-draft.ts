/** Runs of control characters (general category Cc): a line break of two characters is one place on paper. */
const CONTROL_CHARACTERS = /\p{Cc}+/gu;
/** With the flag `u` only surrogates without their other half match. */
const HALF_PAIRS = /\p{Cs}/gu;
/** RFC 3339, 5.6, in all its spellings: any digits of seconds, small letters, a blank for the T. */
export const DATE_TIME =
  /^(\d{4}-\d{2}-\d{2})[Tt ]((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(\.\d+)?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
/** Letters of a point and milliseconds. */
const FRACTION_LENGTH = '.123'.length;

/**
 * A draft as it can be signed, without loss of anything that has a meaning: in texts control characters become a blank and half surrogate
 * pairs U+FFFD, because a cashier cannot mend the name of an article; a time of sale is cut to milliseconds. Everything
 * else is as it was, right or wrong.
 * @param draft what JSON can write; deeper than a draft is, it is left as it is
 */
export function tidyDraft(draft: unknown): unknown {
  const tidy = tidyTexts(draft, LEVELS_OF_DRAFT);
  if (typeof tidy !== 'object' || tidy === null || !('issuedAt' in tidy) || typeof tidy.issuedAt !== 'string')
    return tidy;
  return { ...tidy, issuedAt: toMilliseconds(tidy.issuedAt) };
}

/** The draft, its lines, one of them, its levies, one of them. */
const LEVELS_OF_DRAFT = 5;

function tidyTexts(value: unknown, levels: number): unknown {
  if (typeof value === 'string') return value.replaceAll(CONTROL_CHARACTERS, ' ').replaceAll(HALF_PAIRS, '\u{FFFD}');
  if (typeof value !== 'object' || value === null || levels === 0) return value;
  if (Array.isArray(value)) return value.map((item) => tidyTexts(item, levels - 1));
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, tidyTexts(member, levels - 1)]));
}

function toMilliseconds(text: string): string {
  const [, date, time, fraction = '', zone = ''] = DATE_TIME.exec(text) ?? [];
  if (date === undefined) return text;
  return `${date}T${time}${fraction.slice(0, FRACTION_LENGTH)}${zone.toUpperCase()}`;
}
