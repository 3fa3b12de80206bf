import { plainText } from '@tax-control/protocol';

const REPLACEMENTS: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const SPECIAL = /[&<>"']/g;

/** Markup that was made here, by {@link html} or {@link constantMarkup}: a text can never be taken for it. */
export class Markup {
  readonly #text: string;

  constructor(strings: readonly string[], values: readonly Part[]) {
    this.#text = strings.map((string, index) => string + (index < values.length ? render(values[index]) : '')).join('');
  }

  toString(): string {
    return this.#text;
  }
}

/** What may stand in a template: texts and numbers (escaped), markup (as it is), lists of these, and nothing. */
export type Part = string | number | Markup | null | undefined | false | readonly Part[];

/**
 * Markup of a template; every text in it is escaped for elements and for attributes in double quotes. Not for scripts,
 * styles or attributes without quotes, which our pages do not have.
 */
export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Markup {
  return new Markup(strings, values);
}

/** Markup that stands in our source as it is. Never call it with anything that came from elsewhere. */
export function constantMarkup(text: string): Markup {
  return new Markup([text], []);
}

/** A text for elements and quoted attributes (HTML, 13.3). */
export function escapeText(text: string): string {
  return text.replaceAll(SPECIAL, (character) => REPLACEMENTS[character] ?? '');
}

function render(part: Part): string {
  if (part === null || part === undefined || part === false) return '';
  if (part instanceof Markup) return part.toString();
  if (typeof part === 'object') return part.map(render).join('');
  return escapeText(plainText(String(part)));
}
