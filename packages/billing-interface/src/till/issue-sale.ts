import { randomUUID } from 'node:crypto';
import {
  checkInvoice,
  encodeInvoice,
  goodsOf,
  hasWrongSign,
  type Invoice,
  makeOfflineProof,
  type Parameters,
  problem,
  type Problem,
  readInvoicePayload,
  signInvoice,
} from '@tax-control/protocol';
import type { InvoiceDraft, SaleError, SaleResult } from '../api.js';
import type { AttemptStart } from '../journal/attempt-store.js';
import type { JournalEntry, JournalPlace, SignedInvoice } from '../journal/entries.js';
import { saleTail, UNKNOWN_DRAFT } from '../journal/fetched-store.js';
import { JournalUnavailable } from '../journal/journal-unavailable.js';
import { completeDraft, type PlacelessInvoice, saleAmount } from './complete-draft.js';
import { draftDigest } from './draft-digest.js';
import { judgeLimits } from './offline-limits.js';
import { type AskOriginals, OriginalRates } from './original-rates.js';
import { lossNotices } from './notices.js';
import { invoiceOf, saleError } from './sale-answers.js';
import { RepeatedSales } from './repeated-sales.js';
import { checkDraft } from '../draft/read-draft.js';
import { isSaleId } from '../draft/sale-id.js';
import { isAnswered, type SaleSender } from './send-sale.js';
import { remedyOf, titleOf } from './advice.js';
import type { TillParts } from './till-parts.js';

/** What the desk wants done beside the sale. */
export interface DeskErrands {
  /** Fetches the parameters if it can, until the point of the monotonic clock. */
  fetchParameters(until: number): Promise<void>;
  /** Asks the server whether the office still bars this till, if it was not asked just now. */
  recheckStanding(until: number): Promise<void>;
  /** Asks the server what a refund or void needs of originals of other tills, until the point of the monotonic clock. */
  readonly askOriginals: AskOriginals;
  /** Fetches back what the disk has lost, where that is little, until the point of the monotonic clock. */
  fetchLost(until: number): Promise<void>;
  /** Sends what waits, the oldest first, while the limit is reached and the line takes it, until the point of the monotonic clock. */
  relieve(isReached: () => boolean, until: number): Promise<void>;
  /** Brings the till online if that is possible: the offline limit is reached. */
  hurry(): void;
}

/** Before any parameters are known; the same as theirs by default. */
const DEADLINE_MS = 1_500;

/** Part of the sale's time that fetching back what was lost may take; the rest is enough to connect and to send it. */
const FETCHING_SHARE = 1 / 3;

interface SaleUnderWay {
  readonly digest: string;
  readonly answer: Promise<SaleResult>;
}

/**
 * The way of one sale: known already? permitted? within the limits? complete and right? Then it is signed, journaled, and
 * sent. Nothing before the signature uses a counter; everything after it leaves an entry in the journal.
 */
export class SaleDesk {
  readonly #underWay = new Map<string, SaleUnderWay>();
  readonly #repeated: RepeatedSales;
  readonly #originalRates: OriginalRates;

  constructor(
    private readonly parts: TillParts,
    private readonly sender: SaleSender,
    private readonly errands: DeskErrands,
  ) {
    this.#repeated = new RepeatedSales(parts);
    this.#originalRates = new OriginalRates(parts, (names, until) => errands.askOriginals(names, until));
  }

  async issue(saleId: string, draft: InvoiceDraft): Promise<SaleResult> {
    const began = this.parts.clock.monotonicMs();
    try {
      return await this.#issue(saleId, draft, began);
    } catch (error) {
      if (error instanceof JournalUnavailable) return saleError(saleId, 'journal_unavailable', error.message);
      throw error;
    }
  }

  /** Resolves when no sale is under way. */
  async idle(): Promise<void> {
    await Promise.allSettled([...this.#underWay.values()].map(({ answer }) => answer));
  }

  async #issue(saleId: string, draft: InvoiceDraft, began: number): Promise<SaleResult> {
    if (!isSaleId(saleId))
      return saleError(
        saleId,
        'invalid',
        'The saleId must be 1 to 128 printable characters. Give every sale one of its own.',
      );
    const digest = draftDigest(draft);
    if (digest === null)
      return saleError(saleId, 'invalid', 'The draft is not JSON: it has members that JSON cannot write.');

    const sameSale = this.#underWay.get(saleId);
    if (sameSale !== undefined) return sameSale.digest === digest ? sameSale.answer : conflict(saleId);
    const entry = this.parts.journal.read(() => this.parts.journal.invoices.bySale(saleId));
    if (entry !== null && !isSameSale(entry, digest, draft)) return conflict(saleId);
    if (entry !== null && isAnswered(entry)) return this.#repeated.repeat(this.parts.answers.answer(entry), entry);

    const answer = entry === null ? this.#sell(saleId, digest, draft, began) : this.#resume(entry, began);
    this.#underWay.set(saleId, { digest, answer });
    try {
      return await answer;
    } finally {
      this.#underWay.delete(saleId);
    }
  }

  /** Signed before, but the till stopped before the MIS had its answer: the customer may still be there. */
  async #resume(entry: JournalEntry, began: number): Promise<SaleResult> {
    const deadlineMs = this.parts.shelf.current?.deadlineMs ?? DEADLINE_MS;
    const answer = await this.sender.resume(entry, this.#attempt(entry.invoiceId), began + deadlineMs);
    return this.#repeated.mark(answer, entry);
  }

  async #sell(saleId: string, digest: string, given: InvoiceDraft, began: number): Promise<SaleResult> {
    // 1. Is it a sale, and may it be sold at all?
    const shape = checkDraft(given);
    if (!shape.ok) return invalid(saleId, shape.problem);
    const { draft } = shape;
    const parameters = await this.#parameters(began);
    if (parameters === null) return saleError(saleId, 'not_permitted', NO_PARAMETERS);
    const deadlineAt = began + parameters.deadlineMs;
    const lost = await this.#answerOfLost(saleId, digest, given, deadlineAt);
    if (lost !== null) return lost;
    const barred = await this.#barredBecause(saleId, parameters, deadlineAt);
    if (barred !== null) return barred;

    // 2. Is it whole? What the till computes here the server computes again.
    const originals = await this.#originalRates.find(draft, parameters, deadlineAt);
    const { answers, circuit, clock, clockWatch, journal, identity, shopTime, waitingTime } = this.parts;
    const now = clock.now();
    const { moment } = clockWatch;
    const completed = completeDraft(draft, {
      identity: identity(),
      software: this.parts.software,
      parameters,
      now,
      clock: clockWatch,
      local: (time) => shopTime.local(time),
      dayOf: (dateTime) => shopTime.dayOf(dateTime),
      originals: originals.taxes,
      idTail: saleTail(journal.current.journalId, saleId),
    });
    if (!completed.ok) return invalid(saleId, completed.problem);
    const { invoice } = completed;
    // At the limit the line is tried before the sale is turned away: a till that is opened for one sale has no other occasion.
    const limited = (): string | null => this.#limitReached(parameters, saleAmount(invoice));
    if (limited() !== null) await this.errands.relieve(() => limited() !== null, deadlineAt);
    const sentence = limited();
    if (sentence !== null) {
      this.errands.hurry();
      return saleError(saleId, 'limit_reached', sentence);
    }

    // 3. Counter, signature, journal: on disk before the first byte goes out.
    const attempt = this.#attempt(invoice.id);
    const sale = {
      saleId,
      saleDigest: digest,
      invoiceId: invoice.id,
      saleAmount: saleAmount(invoice),
      signedAt: moment,
      notices: [...originals.notices, ...journal.read(() => lossNotices(journal))],
    };
    let refused: Problem | null = null;
    const sign = (place: JournalPlace): SignedInvoice | null => {
      const signed = this.#sign(invoice, originals.own, place);
      if (signed.ok) {
        clockWatch.markPassed(moment);
        journal.losses.markTold(now);
        return signed;
      }
      refused = signed.problem;
      return null;
    };
    // A sale that is not tried is written at once with the reason why: it waits for the disk twice (journal, mark), not three times.
    const isTried = circuit.isClosed;
    const entry = journal.append(sale, attempt, sign, (signed) =>
      isTried ? signed : this.sender.keepUntried(signed, attempt, null),
    );
    if (entry === null) return invalid(saleId, refused);
    waitingTime.signed(entry.position);
    this.parts.onStep('signed');

    // 4. To the server, or into the queue.
    return isTried ? this.sender.send(entry, attempt, deadlineAt) : answers.answer(entry);
  }

  #sign(
    invoice: PlacelessInvoice,
    originals: readonly (Invoice | null)[],
    place: JournalPlace,
  ): ({ readonly ok: true } & SignedInvoice) | { readonly ok: false; readonly problem: Problem } {
    const whole: Invoice = { ...invoice, ...place };
    const read = readInvoicePayload(encodeInvoice(whole));
    const found = read.ok ? (checkInvoice(read.invoice) ?? signProblem(read.invoice, originals)) : read.problem;
    if (found !== null) return { ok: false, problem: found };
    const { key, thumbprint } = this.parts.identity();
    return { ok: true, ...signInvoice(whole, key, thumbprint), proof: makeOfflineProof(whole, key, thumbprint) };
  }

  /** A sale that is asked again because the power failed: its invoice may be among those that were lost, and come back in time. */
  async #answerOfLost(
    saleId: string,
    digest: string,
    draft: InvoiceDraft,
    deadlineAt: number,
  ): Promise<SaleResult | null> {
    const { answers, clock, journal } = this.parts;
    if (journal.read(() => journal.losses.open()).length === 0) return null;
    const now = clock.monotonicMs();
    await this.errands.fetchLost(now + Math.max(0, deadlineAt - now) * FETCHING_SHARE);
    const entry = journal.read(() => journal.invoices.bySale(saleId));
    if (entry === null) return null;
    return isSameSale(entry, digest, draft) ? this.#repeated.repeat(answers.answer(entry), entry) : conflict(saleId);
  }

  async #parameters(began: number): Promise<Parameters | null> {
    if (this.parts.shelf.current === null) await this.errands.fetchParameters(began + DEADLINE_MS);
    return this.parts.shelf.current;
  }

  async #barredBecause(
    saleId: string,
    { suspendedMaySell }: Parameters,
    deadlineAt: number,
  ): Promise<SaleError | null> {
    const { standing } = this.parts;
    if (!standing.isBarred || suspendedMaySell) return null;
    await this.errands.recheckStanding(deadlineAt);
    const { cause } = standing;
    if (!standing.isBarred || cause === null) return null;
    return saleError(saleId, 'not_permitted', `${titleOf(cause)} ${remedyOf(cause)}`);
  }

  /** Which limit stops a sale of this amount, and what to do; null: none. Nothing may come between this and the journal. */
  #limitReached({ offlineLimits }: Parameters, amount: number): string | null {
    if (offlineLimits.atLimit !== 'stop') return null;
    const { journal, waitingTime } = this.parts;
    const backlog = journal.read(() => journal.invoices.backlog());
    const verdict = judgeLimits(offlineLimits, backlog, amount, waitingTime.nowFor(backlog));
    return verdict.state === 'reached' && backlog.counted > 0 ? verdict.sentence : null;
  }

  #attempt(invoiceId: string): AttemptStart {
    return { id: randomUUID(), at: this.parts.shopTime.local(this.parts.clock.now()), door: 'issue', invoiceId };
  }
}

const NO_PARAMETERS =
  'The till has no parameters yet. Bring it online once, or import a signed document (tax-terminal parameters import).';

/** The server only warns of it: what has happened is recorded. Here nothing has happened yet. */
function signProblem(invoice: Invoice, originals: readonly (Invoice | null)[]): Problem | null {
  const [only = null, more] = originals;
  const original = more === undefined ? only : null;
  const taker = { ...invoice, goods: goodsOf(invoice) };
  if (!hasWrongSign(taker, original && { ...original, goods: goodsOf(original) })) return null;
  const detail = original === null ? 'Must not be above zero.' : `The total of its original is ${original.total}.`;
  return problem('refund_sign_wrong', { errors: [{ pointer: '/total', detail }] });
}

/** Of an invoice that was fetched back the draft is not known: what the MIS says of every sale has to be the same. */
function isSameSale(
  { jws, saleDigest }: JournalEntry,
  digest: string,
  { kind, number, currency }: InvoiceDraft,
): boolean {
  if (saleDigest !== UNKNOWN_DRAFT) return saleDigest === digest;
  const invoice = invoiceOf(jws);
  return invoice.kind === kind && invoice.number === number && invoice.currency === currency;
}

function conflict(saleId: string): SaleError {
  return saleError(
    saleId,
    'sale_id_conflict',
    'This saleId was used before for another sale. Give every sale one of its own.',
  );
}

function invalid(saleId: string, problem: Problem | null): SaleError {
  const fault = problem?.errors?.[0];
  const where = fault === undefined ? '' : ` ${fault.pointer}: ${fault.detail}`;
  return saleError(
    saleId,
    'invalid',
    `${problem?.title ?? ''}${where} ${problem?.detail ?? ''}`.trim(),
    problem ?? undefined,
  );
}
