import { SHARE_RULES, type SignalFact, type SignalRule } from '@tax-control/protocol/console';
import { formatCount, formatShare } from '../../format/format.js';
import type { Language } from '../../i18n/language.js';

/** What a rule measured, or allows: a share in per cent, else a count. */
export function formatMeasure(rule: SignalRule, value: number, locale: string): string {
  return SHARE_RULES.includes(rule) ? formatShare(value, locale) : formatCount(value, locale);
}

/** A figure behind a signal with its name; the median is that of shares. */
export function sayFact({ name, value }: SignalFact, { tag, code }: Pick<Language, 'tag' | 'code'>): string {
  const said =
    typeof value === 'string'
      ? code('compared_with', value)
      : name === 'median'
        ? formatShare(value, tag)
        : formatCount(value, tag);
  return `${code('fact', name)}: ${said}`;
}
