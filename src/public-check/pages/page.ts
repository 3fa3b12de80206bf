import { type Environment, PROOF_MEMBER } from '@tax-control/protocol';
import { constantMarkup, html, type Markup, type Part } from './html.js';
import { PAGE_LANGUAGES, type PageLanguage } from './language.js';
import type { PageWords } from './page-words.js';
import { STYLE } from './style.js';
import { pageWords } from './words.js';

/** A page as it goes out. `retryAfterMs` where it makes sense to come again. */
export interface Page {
  readonly status: number;
  readonly language: PageLanguage;
  readonly body: string;
  readonly retryAfterMs?: number;
}

/**
 * What every page is drawn with.
 * @property path own address without query, for forms and for the other language
 * @property proof what the QR bears beside the path, which the other language keeps; null where there is none
 * @property hasChosenLanguage the address names the language, and links go on naming it
 */
export interface PageContext {
  readonly language: PageLanguage;
  readonly hasChosenLanguage: boolean;
  readonly environment: Environment;
  readonly path: string;
  readonly proof: string | null;
}

/** Colour of a heading; the words say the same. */
export type Tone = 'good' | 'bad' | 'wait' | 'neutral';

export function wordsOf({ language }: PageContext): PageWords {
  return pageWords(language);
}

/** A link's address, in the language that was chosen. */
export function linkTo(path: string, { language, hasChosenLanguage }: PageContext): string {
  return hasChosenLanguage ? `${path}?lang=${language}` : path;
}

/** Keeps the chosen language in a form. */
export function languageField({ language, hasChosenLanguage }: PageContext): Part {
  return hasChosenLanguage && html`<input type="hidden" name="lang" value="${language}" />`;
}

export function heading(text: string, tone: Tone): Markup {
  return html`<h1 class="${tone}">${text}</h1>`;
}

/** Draws a whole page around its content. */
export function drawPage(context: PageContext, title: string, content: Part): string {
  const words = wordsOf(context);
  const [first, second] = PAGE_LANGUAGES;
  const other = context.language === first ? second : first;
  const proof = context.proof === null ? '' : `&${PROOF_MEMBER}=${encodeURIComponent(context.proof)}`;
  const page = html`<html lang="${context.language}">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="robots" content="noindex" />
      <title>${title} – ${words.title}</title>
      <link rel="icon" href="data:," />
      ${STYLE_ELEMENT}
    </head>
    <body>
      <div class="page">
        <header>
          <p>${words.title}</p>
          <a href="${context.path}?lang=${other}${proof}" hreflang="${other}" lang="${other}">${words.otherLanguage}</a>
        </header>
        ${context.environment === 'test' && html`<aside><p class="test">${words.testBanner}</p></aside>`}
        <main>${content}</main>
        <footer><p>${words.footer}</p></footer>
      </div>
    </body>
  </html>`;
  return `<!doctype html>\n${String(page)}\n`;
}

/** Nothing around the style: its digest is in the pages' policy. */
const STYLE_ELEMENT = constantMarkup(`<style>${STYLE}</style>`);
