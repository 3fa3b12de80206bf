/** Languages of the pages (BCP 47); the first one is for whoever asks for none of them. */
export const PAGE_LANGUAGES = ['en', 'zh-CN'] as const;
export type PageLanguage = (typeof PAGE_LANGUAGES)[number];

/** Longest `Accept-Language` that is read; browsers send 60 characters. */
const HEADER_LENGTH_MAX = 500;
const RANGE = /^\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|\*)\s*(?:;\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?$/;

/**
 * The language to answer in.
 * @param chosen `?lang=` of the address, which wins
 * @param accepted header `Accept-Language` (RFC 9110, 12.5.4)
 */
export function pageLanguage(chosen: string | null, accepted: string | undefined): PageLanguage {
  const [first] = PAGE_LANGUAGES;
  if (chosen !== null) return languageOf(chosen) ?? first;
  const ranges = (accepted ?? '').slice(0, HEADER_LENGTH_MAX).split(',').flatMap(readRange);
  for (const { range } of ranges.toSorted((one, other) => other.quality - one.quality)) {
    const language = range === '*' ? first : languageOf(range);
    if (language !== null) return language;
  }
  return first;
}

function readRange(text: string): { readonly range: string; readonly quality: number }[] {
  const [, range, quality = '1'] = RANGE.exec(text) ?? [];
  return range === undefined || Number(quality) === 0 ? [] : [{ range, quality: Number(quality) }];
}

/** Any Chinese is served the one that we have, any English too. */
function languageOf(range: string): PageLanguage | null {
  const [primary = ''] = range.toLowerCase().split('-');
  return PAGE_LANGUAGES.find((language) => language.split('-')[0] === primary) ?? null;
}
