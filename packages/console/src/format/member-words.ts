import type { Language } from '../i18n/language.js';
import { formatInstant, NO_VALUE } from './format.js';

/** Families of codes that a member of the server's answers may hold, by its name: the first that knows a code says it. */
const FAMILIES: Readonly<Record<string, readonly string[]>> = {
  action: ['action'],
  cause: ['cause'],
  lastCause: ['cause'],
  group: ['group'],
  causeGroup: ['group'],
  outcome: ['outcome'],
  door: ['door'],
  source: ['source'],
  warning: ['warning'],
  status: ['status'],
  from: ['status'],
  to: ['status'],
  rule: ['rule'],
  mark: ['mark'],
  state: ['report_state'],
  standing: ['standing'],
  way: ['way'],
  type: ['type'],
  roles: ['role'],
  scope: ['outages.scope'],
  subject: ['outages.scope'],
  view: ['view_kind'],
  kind: ['incident', 'missing.kind', 'kind', 'report_kind', 'timeline_kind', 'view_kind'],
};

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/** Whether a text is an instant as the server writes it (RFC 3339). */
export function isInstant(text: string): boolean {
  return INSTANT.test(text);
}

/** What a member is called in the language: its own name where the language has none. */
export function memberName(name: string, { code }: Pick<Language, 'code'>): string {
  return code('csv', name);
}

/** A code that a member holds, in words; the text itself where it is none. */
export function codeInWords(member: string, text: string, { code }: Pick<Language, 'code'>): string {
  for (const family of FAMILIES[member] ?? []) {
    const said = code(family, text);
    if (said !== text) return said;
  }
  return text;
}

/** A value of a member as a person reads it: codes and times in words, lists and objects without brackets. */
export function valueInWords(member: string, value: unknown, language: Language, zone: string): string {
  const { t, tag } = language;
  if (value === null || value === undefined || value === '') return NO_VALUE;
  if (typeof value === 'boolean') return t(value ? 'parameters.yes' : 'parameters.no');
  if (Array.isArray(value)) return value.map((one) => valueInWords(member, one, language, zone)).join(', ') || NO_VALUE;
  if (typeof value === 'object') return `(${factsInWords(value as Readonly<Record<string, unknown>>, language, zone)})`;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return isInstant(text) ? formatInstant(text, tag, zone) : codeInWords(member, text, language);
}

/** Names and values as they were recorded: `Mark: harmless, Note: a birthday`. */
export function factsInWords(facts: Readonly<Record<string, unknown>>, language: Language, zone: string): string {
  return Object.entries(facts)
    .map(([name, value]) => `${memberName(name, language)}: ${valueInWords(name, value, language, zone)}`)
    .join(', ');
}
