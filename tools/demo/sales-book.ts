import type {
  BillingInterface,
  InvoiceDraft,
  SaleIssued,
  SaleRefused,
  SaleStoredOffline,
} from '@tax-control/billing-interface';
import { type Article, draftSale } from './goods.js';
import type { FirstAnswer } from './count-outcomes.js';

/** One till of the demo with its billing interface. */
export interface DemoTill {
  readonly terminalId: string;
  readonly shopName: string;
  readonly articles: readonly Article[];
  readonly directory: string;
  readonly billing: BillingInterface;
}

/** A sale that the billing interface took, with or without code. */
export interface Sold {
  readonly till: DemoTill;
  readonly saleId: string;
  readonly draft: InvoiceDraft;
  readonly result: SaleIssued | SaleStoredOffline | SaleRefused;
  /** How long the cashier waited for the answer. */
  readonly tookMs: number;
}

/** The tills' own software: it makes saleIds and remembers the first answer to each, as the demo's first witness. */
export class SalesBook {
  readonly #answers: FirstAnswer[] = [];
  #number = 0;

  get answers(): readonly FirstAnswer[] {
    return this.#answers;
  }

  /** @param signal aborted when nothing more is to be sold */
  constructor(private readonly signal: AbortSignal) {}

  /** The next sale of a till, not yet handed over. */
  draftNext(till: Pick<DemoTill, 'articles'>): InvoiceDraft {
    this.#number += 1;
    return draftSale(till.articles, this.#number);
  }

  /** @throws when the billing interface does not take a sale that it should take */
  async sell(till: DemoTill, draft: InvoiceDraft = this.draftNext(till)): Promise<Sold> {
    const saleId = `${till.terminalId}/${draft.number}`;
    this.signal.throwIfAborted();
    const began = performance.now();
    const result = await till.billing.issue(saleId, draft);
    const tookMs = performance.now() - began;
    if (!('invoiceId' in result)) throw new Error(`${saleId} was not taken (${result.result}): ${result.detail}`);
    this.#answers.push({ saleId, terminalId: till.terminalId, invoiceId: result.invoiceId, result: result.result });
    return { till, saleId, draft, result, tookMs };
  }
}
