import { formatAmount, formatCode, type OfflineFacts, utcSeconds } from '@tax-control/protocol';
import type { Finding, Paper, TooMany } from '../findings.js';
import { html, type Markup, type Part } from './html.js';
import { drawPage, heading, linkTo, type Page, type PageContext, type Tone, wordsOf } from './page.js';
import type { Message } from './page-words.js';
import { pathOf } from './paths.js';
import { codeForm } from './start-page.js';
import { reportForm } from './report-form.js';
import { totalPart } from './total-part.js';

/**
 * What a page answers.
 * @property typedTotal as it was typed, to be shown again; empty where none was
 */
export interface CheckAnswer {
  readonly paper: Paper;
  readonly finding: Finding | TooMany;
  readonly typedTotal: string;
}

const STATUS: Readonly<Record<CheckAnswer['finding']['standing'], number>> = {
  mistyped: 400,
  not_on_file: 404,
  terminal_unknown: 404,
  on_file: 200,
  not_reported: 200,
  refused: 200,
  too_many: 429,
};

/** The page behind a receipt's QR. */
export function checkPage(context: PageContext, answer: CheckAnswer): Page {
  const { finding, paper } = answer;
  const words = wordsOf(context);
  const { title, tone, parts } = draw(context, answer);
  const content = [
    heading(title.heading, tone),
    html`<p>${title.text}</p>`,
    ...parts,
    finding.standing !== 'too_many' && reportForm(context, paper, finding),
    html`<p><a href="${linkTo('/v', context)}">${words.another}</a></p>`,
  ];
  const retryAfterMs = retryAfterOf(finding);
  return {
    status: retryAfterMs === null ? STATUS[finding.standing] : STATUS.too_many,
    language: context.language,
    body: drawPage(context, title.heading, content),
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
  };
}

interface Drawing {
  readonly title: Message;
  readonly tone: Tone;
  readonly parts: readonly Part[];
}

function draw(context: PageContext, answer: CheckAnswer): Drawing {
  const { finding, paper } = answer;
  const words = wordsOf(context);
  switch (finding.standing) {
    case 'too_many':
      return { title: words.tooMany, tone: 'wait', parts: [] };
    case 'mistyped':
      return paper.by === 'code'
        ? { title: words.mistyped, tone: 'bad', parts: [codeForm(context, paper.code)] }
        : { title: words.linkMistyped, tone: 'bad', parts: [] };
    case 'not_on_file': {
      const isForeign = finding.environment !== context.environment;
      const foreign = finding.environment === 'test' ? words.testCode : words.productionCode;
      return {
        title: words.notOnFile,
        tone: 'bad',
        parts: [named(context, paper), isForeign && html`<p class="warning">${foreign}</p>`],
      };
    }
    case 'terminal_unknown':
      return { title: words.terminalUnknown, tone: 'bad', parts: [named(context, paper)] };
    case 'not_reported':
      return drawNotReported(context, paper, finding);
    case 'refused':
      return drawRefused(context, finding.supersededBy);
    case 'on_file':
      break;
  }
  return drawOnFile(context, answer, finding);
}

function drawOnFile(context: PageContext, answer: CheckAnswer, finding: Finding & { standing: 'on_file' }): Drawing {
  const words = wordsOf(context);
  const { result } = finding.total;
  const code = named(context, { by: 'code', code: finding.code });
  const alone = finding.knownBy !== null && html`<p>${words.byReceiptAlone[finding.knownBy]}</p>`;
  const parts = [code, alone, totalPart(context, pathOf(answer.paper), answer.typedTotal, finding.total)];
  if (result === 'fits') return { title: words.fits, tone: 'good', parts };
  return result === 'differs'
    ? { title: words.differs, tone: 'bad', parts }
    : { title: words.onFile, tone: 'neutral', parts };
}

type NotReported = Finding & { standing: 'not_reported' };

function drawNotReported(context: PageContext, paper: Paper, finding: NotReported): Drawing {
  const words = wordsOf(context);
  const { proof } = finding;
  const parts = [...waiting(context, finding), named(context, paper)];
  if (proof.result === 'signed')
    return { title: words.signed, tone: 'wait', parts: [signedFacts(context, proof.facts), ...parts] };
  if (proof.result === 'unknown') return { title: words.notReported, tone: 'wait', parts };
  return { title: words.notSigned, tone: 'bad', parts: [named(context, paper)] };
}

/** What the till signed, to be compared with the paper. */
function signedFacts(context: PageContext, { soldAt, total, currency, type }: OfflineFacts): Markup {
  const words = wordsOf(context);
  const time = utcSeconds(new Date(soldAt).toISOString());
  const isFiscal = type === 'normal' || type === 'advance';
  return html`<dl>
      <dt>${words.soldAt}</dt>
      <dd><time datetime="${time}">${time.replace('T', ' ').replace('Z', ' UTC')}</time></dd>
      <dt>${words.total}</dt>
      <dd><span class="total">${formatAmount(total, currency)} ${currency}</span></dd>
    </dl>
    ${!isFiscal && html`<p class="warning">${words.notFiscal}</p>`}
    <p>${words.compare}</p>`;
}

function drawRefused(context: PageContext, supersededBy: string | null): Drawing {
  const words = wordsOf(context);
  if (supersededBy === null) return { title: words.refused, tone: 'wait', parts: [] };
  const path = linkTo(pathOf({ by: 'code', code: supersededBy }), context);
  return {
    title: words.superseded,
    tone: 'neutral',
    parts: [
      named(context, { by: 'code', code: supersededBy }),
      html`<p><a href="${path}">${words.seeSuperseding}</a></p>`,
    ],
  };
}

function waiting(context: PageContext, { offlineHoursMax }: NotReported): Part[] {
  return offlineHoursMax === null ? [] : [html`<p>${wordsOf(context).notReportedHours(offlineHoursMax)}</p>`];
}

/** The paper as it names itself. */
function named(context: PageContext, paper: Paper): Markup {
  const words = wordsOf(context);
  if (paper.by === 'code')
    return html`<dl>
      <dt>${words.code}</dt>
      <dd class="code">${formatCode(paper.code.replaceAll(/[\s-]/g, ''))}</dd>
    </dl>`;
  return html`<dl>
    <dt>${words.terminal}</dt>
    <dd>${paper.terminalId}</dd>
    <dt>${words.invoice}</dt>
    <dd class="code">${paper.invoiceId}</dd>
  </dl>`;
}

function retryAfterOf(finding: Finding | TooMany): number | null {
  if (finding.standing === 'too_many') return finding.retryAfterMs;
  return finding.standing === 'on_file' && finding.total.result === 'locked' ? finding.total.retryAfterMs : null;
}
