import type { Finding, Paper } from '../findings.js';
import { REPORT_MESSAGE_LENGTH_MAX, REPORT_REASONS, type ReportReason } from '../report.js';
import { html, type Markup } from './html.js';
import { languageField, type PageContext, wordsOf } from './page.js';
import { pathOf } from './paths.js';

/** The reason that is chosen at first: what the page has just said. */
function likelyReason(finding: Finding): ReportReason {
  if (finding.standing === 'not_reported') return 'not_reported';
  if (finding.standing === 'on_file') return finding.total.result === 'differs' ? 'other_total' : 'other';
  return 'not_on_file';
}

/** The button "something is wrong", which opens the form for a report; works without a script. */
export function reportForm(context: PageContext, paper: Paper, finding: Finding): Markup {
  const words = wordsOf(context);
  const likely = likelyReason(finding);
  return html`<details>
    <summary>${words.report}</summary>
    <p class="hint">${words.reportHint}</p>
    <form method="post" action="${pathOf(paper)}">
      ${languageField(context)}
      <div class="field">
        <label for="reason">${words.reasonLabel}</label>
        <select id="reason" name="reason">
          ${REPORT_REASONS.map((reason) =>
            reason === likely
              ? html`<option value="${reason}" selected>${words.reasons[reason]}</option>`
              : html`<option value="${reason}">${words.reasons[reason]}</option>`,
          )}
        </select>
      </div>
      <div class="field">
        <label for="message">${words.messageLabel}</label>
        <p class="hint" id="message-hint">${words.messageHint}</p>
        <textarea
          id="message"
          name="message"
          maxlength="${REPORT_MESSAGE_LENGTH_MAX}"
          aria-describedby="message-hint"
        ></textarea>
      </div>
      <button type="submit">${words.sendReport}</button>
    </form>
  </details>`;
}
