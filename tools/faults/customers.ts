import { setTimeout as wait } from 'node:timers/promises';
import type { InvoiceDraft } from '@tax-control/billing-interface';
import { BOOKS, CAFE, draftRefund, draftSale } from '../demo/goods.js';
import type { Random } from '../simulator/random.js';
import type { Answer } from './agent-place.js';
import type { Printed, SalesBook } from './sales-book.js';
import { agentOf, type Scene } from './scene.js';

/** Between two customers of a till, in milliseconds. */
const PAUSE_MS = [20, 400] as const;
/** Nobody answers: the software of the till asks again for the same sale. */
const AGAIN_MS = 100;
/** Of all sales. */
const SHARES = { refund: 0.12, void: 0.03, askedAgain: 0.05 };
const TYPES = { proforma: 0.03, training: 0.02, advance: 0.03 } as const;
/** Longer than any fault of a till, and than an agent takes to start on a busy machine. */
const UNANSWERED_MS = 180_000;
/** A sale whose till says so often that it cannot is given up: the customer pays without a receipt of this till. */
const GIVEN_UP_AFTER = 40;

/** One sale that has taken place, and can be taken back. */
interface Sold {
  readonly draft: InvoiceDraft;
  readonly terminalId: string;
  readonly invoiceId: string;
}

/** The customers of one till, one after the other, drawn by their own random. */
export class Customers {
  readonly #sold: Sold[] = [];
  #number = 0;

  constructor(
    private readonly scene: Scene,
    private readonly terminalId: string,
    private readonly random: Random,
    private readonly book: SalesBook,
  ) {}

  /** They come until it is over, or the till is dead. */
  async come(isOver: () => boolean): Promise<void> {
    while (!isOver() && !this.scene.dead.has(this.terminalId)) {
      await this.next();
      await wait(this.random.whole(...PAUSE_MS));
    }
  }

  /** One sale, until the till has said what became of it. */
  async next(): Promise<void> {
    this.#number += 1;
    const saleId = `${this.terminalId}/${this.#number}`;
    const random = this.random.fork('sale', this.#number);
    const draft = this.#draw(random);
    const printed = await this.#ask(saleId, draft);
    if (printed === null) return;
    if ((draft.type ?? 'normal') === 'normal' && draft.kind === 'sale')
      this.#sold.push({ draft, terminalId: this.terminalId, invoiceId: printed.invoiceId });
    if (random.chance(SHARES.askedAgain)) await this.#ask(saleId, draft);
  }

  #draw(random: Random): InvoiceDraft {
    const articles = random.pick([BOOKS, CAFE]);
    const number = `${this.terminalId}-${this.#number}`;
    const what = random.next();
    if (what < SHARES.refund + SHARES.void && this.#sold.length > 0) {
      const index = random.whole(0, this.#sold.length - 1);
      // Once only: what was taken back is not taken back again.
      const [original] = this.#sold.splice(index, 1);
      if (original !== undefined) {
        const refund = draftRefund(original.draft, { terminalId: original.terminalId, invoiceId: original.invoiceId });
        return { ...refund, number, kind: what < SHARES.refund ? 'refund' : 'void' };
      }
    }
    const sale = { ...draftSale(articles, random.whole(1, 1_000)), number };
    const kind = random.next();
    let limit = 0;
    for (const [type, share] of Object.entries(TYPES)) {
      limit += share;
      if (kind < limit) return { ...sale, type: type as keyof typeof TYPES };
    }
    return sale;
  }

  async #ask(saleId: string, draft: InvoiceDraft): Promise<Printed | null> {
    const { scene, terminalId, book } = this;
    const agent = agentOf(scene, terminalId);
    const path = `/v1/terminals/${terminalId}/sales/${encodeURIComponent(saleId)}`;
    const end = performance.now() + UNANSWERED_MS;
    for (let tries = 1; !scene.dead.has(terminalId); tries += 1) {
      if (performance.now() > end) {
        book.faults.push(`${saleId} had no answer for ${UNANSWERED_MS / 1_000} s.`);
        return null;
      }
      const wasSetBack = scene.setBack.has(terminalId);
      const answer = await agent.call('POST', path, draft);
      const body = saleIn(answer);
      const result = body?.result;
      if (body !== null && (result === 'issued' || result === 'stored_offline' || result === 'refused')) {
        agent.salesAnswered += 1;
        const printed = printedOf(saleId, body);
        if (result === 'issued') book.issued += 1;
        else if (result === 'stored_offline') book.offline += 1;
        else {
          book.refused += 1;
          book.faults.push(`${saleId} was refused: ${JSON.stringify(body.problem)}`);
        }
        book.note(printed, wasSetBack || scene.setBack.has(terminalId));
        return printed;
      }
      if (result === 'limit_reached' || result === 'not_permitted' || result === 'journal_unavailable') {
        agent.salesNotTaken += 1;
        if (tries >= GIVEN_UP_AFTER) break;
      } else if (answer !== null && answer.status !== NOT_SERVED && answer.status !== NOT_HERE) {
        book.faults.push(`${saleId} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
        return null;
      }
      await wait(AGAIN_MS);
    }
    book.notTaken += 1;
    return null;
  }
}

/** The agent is stopping, or its journal is held by a process that has just died. */
const NOT_SERVED = 503;
/** The folder of a dead till is gone. */
const NOT_HERE = 404;

interface SaleBody {
  readonly result?: string;
  readonly terminalId: string;
  readonly invoiceId: string;
  readonly invoice: { readonly total: number };
  readonly code?: string;
  readonly receiptJws?: string;
  readonly problem?: unknown;
}

/** What an answer says of the sale; null: nobody answered, or it is about something else. */
function saleIn(answer: Answer | null): SaleBody | null {
  const body = answer?.body;
  return typeof body === 'object' && body !== null && 'result' in body ? (body as SaleBody) : null;
}

function printedOf(saleId: string, body: SaleBody): Printed {
  const { terminalId, invoiceId, invoice, code = null, receiptJws = null } = body;
  return { saleId, terminalId, invoiceId, total: invoice.total, code, receiptJws, at: performance.now() };
}
