import { html, type Markup } from './html.js';
import { drawPage, heading, languageField, type Page, type PageContext, wordsOf } from './page.js';

/** 20 digits in groups, with room for what people put between them. */
const TYPED_CODE_LENGTH_MAX = 40;

/** The page for whoever has no square to scan. */
export function startPage(context: PageContext): Page {
  const { start } = wordsOf(context);
  const content = [heading(start.heading, 'neutral'), html`<p>${start.text}</p>`, codeForm(context, '')];
  return { status: 200, language: context.language, body: drawPage(context, start.heading, content) };
}

/** The form for a code. @param typed what was typed before, to be mended */
export function codeForm(context: PageContext, typed: string): Markup {
  const words = wordsOf(context);
  return html`<form method="get" action="/v">
    ${languageField(context)}
    <div class="field">
      <label for="code">${words.codeLabel}</label>
      <p class="hint" id="code-hint">${words.codeHint}</p>
      <input
        id="code"
        name="code"
        value="${typed.slice(0, TYPED_CODE_LENGTH_MAX)}"
        inputmode="numeric"
        autocomplete="off"
        maxlength="${TYPED_CODE_LENGTH_MAX}"
        required
        aria-describedby="code-hint"
      />
    </div>
    <button type="submit">${words.checkCode}</button>
  </form>`;
}
