import { type Environment, parseCode } from '@tax-control/protocol';
import { isOutage } from '../../database/sql-failure.js';
import { addressKey } from '../../configuration/address-key.js';
import type { RateLimits } from '../../rate-limits/rate-limits.js';
import type { Checks } from '../checks.js';
import type { Paper } from '../findings.js';
import { REPORTS_OF_ADDRESS, REPORTS_OF_ALL, REPORTS_OF_RECEIPT } from '../limits.js';
import { namesOf, readMessage, readReason } from '../report.js';
import type { CustomerReports } from '../customer-reports.js';
import type { Visitor } from '../visitor.js';
import { checkPage } from './check-page.js';
import { pageLanguage } from './language.js';
import { noticePage } from './notice-page.js';
import { type Page, type PageContext, wordsOf } from './page.js';
import { pathOf } from './paths.js';
import { startPage } from './start-page.js';

/** A restart of Postgres takes two to five seconds. */
const OUTAGE_RETRY_AFTER_MS = 10_000;

/** Everything that the pages do. */
export class Pages {
  constructor(
    private readonly checks: Checks,
    private readonly reports: CustomerReports,
    private readonly limits: RateLimits,
    private readonly environment: Environment,
  ) {}

  /** The form for a code, or what it finds. */
  start(visitor: Visitor): Promise<Page> {
    const { code } = visitor;
    if (code === null || code.trim() === '') return Promise.resolve(startPage(this.#context('/v', visitor)));
    return this.check({ by: 'code', code: code.trim() }, visitor);
  }

  /** The page behind a receipt's QR. */
  check(given: Paper, visitor: Visitor): Promise<Page> {
    const paper = plain(given);
    const context = this.#context(pathOf(paper), visitor);
    return orOutage(context, async () => {
      const { address, total, proof } = visitor;
      const finding = await this.checks.check({ paper, total, proof, address });
      return checkPage(context, { paper, finding, typedTotal: total ?? '' });
    });
  }

  /** Stores a customer's report. @param form what was sent; a field that is missing is empty */
  report(given: Paper, form: URLSearchParams | undefined, visitor: Visitor): Promise<Page> {
    const paper = plain(given);
    const field = (name: string): string => form?.get(name) ?? '';
    const context = this.#context(pathOf(paper), {
      ...visitor,
      chosenLanguage: field('lang') || visitor.chosenLanguage,
    });
    return orOutage(context, async () => {
      const words = wordsOf(context);
      const retryAfterMs = await this.#limitReports(paper, visitor.address);
      if (retryAfterMs !== null)
        return noticePage(context, words.reportRefused, { status: 429, tone: 'bad', retryAfterMs });
      await this.reports.add({
        ...namesOf(paper),
        ...(await this.checks.whatIsKnownOf(paper)),
        reason: readReason(field('reason')),
        message: readMessage(field('message')),
        language: context.language,
      });
      return noticePage(context, words.reported, { status: 201, tone: 'good' });
    });
  }

  /** Milliseconds to wait where too many reports came; null where this one may be stored. */
  async #limitReports(paper: Paper, address: string): Promise<number | null> {
    const ofAddress = await this.limits.take(REPORTS_OF_ADDRESS, addressKey(address));
    if (!ofAddress.allowed) return ofAddress.retryAfterMs;
    const ofReceipt = await this.limits.take(REPORTS_OF_RECEIPT, Object.values(namesOf(paper)).join('/'));
    if (!ofReceipt.allowed) return ofReceipt.retryAfterMs;
    const ofAll = await this.limits.take(REPORTS_OF_ALL, 'all');
    return ofAll.allowed ? null : ofAll.retryAfterMs;
  }

  #context(path: string, { chosenLanguage, acceptLanguage, proof }: Visitor): PageContext {
    return {
      language: pageLanguage(chosenLanguage, acceptLanguage),
      hasChosenLanguage: chosenLanguage !== null,
      environment: this.environment,
      path,
      proof,
    };
  }
}

/** One code has one address, however it was typed. */
function plain(paper: Paper): Paper {
  const parsed = paper.by === 'code' ? parseCode(paper.code) : null;
  return parsed === null ? paper : { by: 'code', code: parsed.code };
}

/** During an outage a customer gets a page too, not a problem for programs. */
async function orOutage(context: PageContext, draw: () => Promise<Page>): Promise<Page> {
  try {
    return await draw();
  } catch (error) {
    if (!isOutage(error)) throw error;
    const facts = { status: 503, tone: 'wait', retryAfterMs: OUTAGE_RETRY_AFTER_MS } as const;
    return noticePage(context, wordsOf(context).outage, facts);
  }
}
