import { formatAmount } from '@tax-control/protocol';
import type { ConfirmedInvoice, TotalCheck } from '../findings.js';
import { TOTAL_LENGTH_MAX } from '../../ledger/typed-total.js';
import { html, type Markup, type Part } from './html.js';
import { languageField, type PageContext, wordsOf } from './page.js';

const HOUR_MS = 3_600_000;
const DAY_LENGTH = 'YYYY-MM-DD'.length;

/** The form for the total, with what came of the last one; or everything that is on file, when it fits. */
export function totalPart(context: PageContext, path: string, typed: string, total: TotalCheck): Markup {
  return total.result === 'fits' ? details(context, total.invoice) : totalForm(context, path, typed, total);
}

function totalForm(context: PageContext, path: string, typed: string, total: TotalCheck): Markup {
  const words = wordsOf(context);
  const fault = faultOf(context, total);
  return html`<form method="get" action="${path}">
    ${languageField(context)}
    <div class="field">
      <label for="total">${words.totalLabel}</label>
      ${fault !== null && html`<p class="warning" id="total-fault" role="alert">${fault}</p>`}
      <p class="hint" id="total-hint">${words.totalHint}</p>
      <input
        id="total"
        name="total"
        value="${typed}"
        inputmode="decimal"
        autocomplete="off"
        maxlength="${TOTAL_LENGTH_MAX}"
        required
        aria-describedby="${fault === null ? '' : 'total-fault '}total-hint"
      />
    </div>
    <button type="submit">${words.checkTotal}</button>
  </form>`;
}

function faultOf(context: PageContext, total: TotalCheck): string | null {
  const words = wordsOf(context);
  switch (total.result) {
    case 'unreadable':
      return words.unreadable;
    case 'differs':
      return words.triesLeft(total.triesLeft);
    case 'locked':
      return words.locked(Math.ceil(total.retryAfterMs / HOUR_MS));
    case 'not_given':
    case 'fits':
      break;
  }
  return null;
}

function details(context: PageContext, invoice: ConfirmedInvoice): Markup {
  const words = wordsOf(context);
  const { shop, soldAt, total, currency, type, kind, registeredAt, isVoided, contentRemovedAt } = invoice;
  const isFiscal = type === 'normal' || type === 'advance';
  const rows: readonly (readonly [string, Part])[] = [
    [words.shop, shop === null ? words.shopUnknown : `${shop.taxpayer}, ${shop.premises}`],
    ...(shop === null ? [] : [[words.address, shop.address] as const]),
    [words.soldAt, html`<time datetime="${soldAt}">${formatTime(soldAt)}</time>`],
    [words.total, html`<span class="total">${formatAmount(total, currency)} ${currency}</span>`],
    [words.kind, type === 'normal' ? words.kinds[kind] : `${words.kinds[kind]}, ${words.types[type]}`],
    ...(registeredAt === null ? [] : [[words.registeredAt, formatTime(registeredAt.toISOString())] as const]),
  ];
  return html`<dl>
      ${rows.map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
    ${!isFiscal && html`<p class="warning">${words.notFiscal}</p>`}
    ${isVoided && html`<p class="warning">${words.voided}</p>`}
    ${contentRemovedAt !== null && html`<p>${words.contentRemoved(contentRemovedAt.toISOString().slice(0, DAY_LENGTH))}</p>`}
    <p>${words.compare}</p>`;
}

/** As the paper has it, to the second: `2026-11-22 18:21:07+08:00`; `UTC` for Z. */
function formatTime(time: string): string {
  return time.replace('T', ' ').replace(/\.\d+/, '').replace('Z', ' UTC');
}
