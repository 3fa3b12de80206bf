import { type JudgedWarning, WARNING_FACTS, warningSentence } from '@tax-control/protocol/console';
import { formatCount, formatDuration, formatInstant, formatMoney } from '../../format/format.js';
import { fillIn, type Language } from '../../i18n/language.js';
import { inGroups } from './invoice-columns.js';

/** What a warning says of its invoice; null where a fact is missing, or this console does not know the sentence. */
export function warningInWords(
  warning: Pick<JudgedWarning, 'code' | 'facts'>,
  { tag, code }: Pick<Language, 'tag' | 'code'>,
  zone: string,
): string | null {
  const sentence = warningSentence(warning);
  const text = code('warning_detail', sentence);
  if (text === sentence) return null;
  const values: Record<string, string> = {};
  for (const [, name = ''] of text.matchAll(/\{(\w+)\}/g)) {
    const fact = warning.facts[name];
    if (fact === undefined) return null;
    values[name] = factInWords(name, fact, tag, zone);
  }
  return fillIn(text, values);
}

function factInWords(name: string, fact: string | number, tag: string, zone: string): string {
  const text = String(fact);
  switch ((WARNING_FACTS as Readonly<Record<string, string>>)[name]) {
    case 'code':
      return inGroups(text);
    case 'money': {
      const [smallest = '', currency = ''] = text.split(' ');
      return formatMoney(smallest, currency, tag);
    }
    case 'instant':
      return formatInstant(text, tag, zone);
    case 'count':
      return formatCount(Number(fact), tag);
    case 'duration':
      return formatDuration(Number(fact), tag);
    case undefined:
    default:
      return text;
  }
}
