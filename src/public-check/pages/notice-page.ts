import { html } from './html.js';
import { drawPage, heading, linkTo, type Page, type PageContext, type Tone, wordsOf } from './page.js';
import type { Message } from './page-words.js';

/** A page that only says something: a report was stored, or the records cannot be reached. */
export function noticePage(
  context: PageContext,
  message: Message,
  { status, tone, retryAfterMs }: { readonly status: number; readonly tone: Tone; readonly retryAfterMs?: number },
): Page {
  const content = [
    heading(message.heading, tone),
    html`<p>${message.text}</p>`,
    html`<p><a href="${linkTo(context.path, context)}">${wordsOf(context).back}</a></p>`,
  ];
  return {
    status,
    language: context.language,
    body: drawPage(context, message.heading, content),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}
