import {
  type FailureCause,
  type HoldingsAnswer,
  LIMITS,
  type Problem,
  type RestorationAnswer,
  type RestorationResult,
} from '@tax-control/protocol';
import { utcTime } from '../clock.js';
import { ABOVE_ALL_CODES, type HeldReceipt } from '../journal/invoice-store.js';
import { isPerhapsTooMuch } from '../sender/failure-cause.js';
import type { CallResult } from '../sender/server-calls.js';
import { CertificateShower } from './certificate-shower.js';
import type { TillParts } from './till-parts.js';
import { bytesOfCall, unhurried } from './unhurried.js';

/** `done`: nothing is missing at the server, or nothing can be done about it for now. `carried`: invoices that were presented. */
export interface RestorerEnd {
  readonly end: 'done' | 'stopped';
  readonly carried: number;
  /** Why it was stopped; null: it was not. */
  readonly cause: FailureCause | null;
}

/** A passage through the receipts that this till holds, the highest code first. It may take several transactions. */
interface Look {
  /** The server's last jump when the passage began; null: its numbers never jumped. */
  readonly lastJump: number | null;
  /** Codes from here on were looked at. */
  below: string;
  /** Whether there are codes below that may be missing, too. */
  isAtTheEnd: boolean;
  /** Of those that were looked at, what is missing and was not presented yet. */
  missing: readonly HeldReceipt[];
  restored: number;
  /** Something is missing that the server does not take, or not now. */
  isSomeLeft: boolean;
}

type Step = 'more' | 'done' | { readonly stopped: FailureCause };

/** Codes of the first question of a passage: after a mere start anew nothing is missing, and fewer are enough to know it. */
const FIRST_CODES = 25;
/** A code with its quotation marks and comma. */
const BYTES_OF_CODE = 23;
/** Digits of a code that are the server's number. */
const NUMBER_DIGITS = 12;
/** How long the server is left alone with what it could not take, in milliseconds. */
const AGAIN_MS = 600_000;
/** After a call that was perhaps too long, the next has so much fewer items. */
const SHRINK = 4;

/**
 * Brings back to a restored server what it has forgotten (I9): asks which of the receipts here are missing, and presents these with their invoices.
 * Each call waits for its turn on the lane, so that a sale goes before it.
 */
export class Restorer {
  readonly #certificates: CertificateShower;
  #look: Look | null = null;
  /** By code: presenting them again changes nothing. */
  readonly #refused = new Set<string>();
  #itemsMax: number = LIMITS.reissueChunkInvoicesMax;
  /** Nothing is tried before this point of the monotonic clock. */
  #notBefore = Number.NEGATIVE_INFINITY;

  /** @param pauseMs milliseconds after which the server is asked though nothing was noticed */
  constructor(
    private readonly parts: TillParts,
    private readonly pauseMs: number,
  ) {
    this.#certificates = new CertificateShower(parts);
  }

  /** Presents what is missing, so many invoices at most. @throws JournalUnavailable */
  async carry(budget: number): Promise<RestorerEnd> {
    let left = budget;
    for (;;) {
      if (left <= 0 || !this.#isDue()) return { end: 'done', carried: budget - left, cause: null };
      const step = await this.parts.lane.run('background', async (): Promise<Step> => {
        if (!this.parts.circuit.isClosed) return { stopped: this.parts.lineState.whyOpen.cause };
        const chunk = this.#nextChunk(left);
        left -= chunk.length;
        return chunk.length === 0 ? this.#ask() : this.#present(chunk);
      });
      if (step === 'done') return { end: 'done', carried: budget - left, cause: null };
      if (step !== 'more') return { end: 'stopped', carried: budget - left, cause: step.stopped };
    }
  }

  #isDue(): boolean {
    const { clock, holdings } = this.parts;
    return clock.monotonicMs() >= this.#notBefore && (this.#look !== null || holdings.isDue(this.pauseMs));
  }

  #nextChunk(itemsMax: number): readonly HeldReceipt[] {
    const chunk: HeldReceipt[] = [];
    let bytes = bytesOfCall(this.parts.rate, LIMITS.reissueChunkBytesMax);
    for (const held of this.#look?.missing ?? []) {
      bytes -= bytesOf(held);
      if (chunk.length >= Math.min(itemsMax, this.#itemsMax) || (chunk.length > 0 && bytes < 0)) break;
      chunk.push(held);
    }
    return chunk;
  }

  /** Asks for the next receipts; behind the last ones tells the server that all are on file. */
  async #ask(): Promise<Step> {
    const { calls, clock, holdings, journal, rate } = this.parts;
    const look = this.#look;
    if (look?.isAtTheEnd === true) return this.#finish(look);
    const codesMax = bytesOfCall(rate, BYTES_OF_CODE * LIMITS.holdingsMax) / BYTES_OF_CODE;
    const limit = look === null ? FIRST_CODES : Math.floor(codesMax);
    const page = journal.read(() => journal.invoices.heldBelow(look?.below ?? ABOVE_ALL_CODES, limit));
    const codes = page.map(({ code }) => code);
    const began = clock.monotonicMs();
    const bounds = unhurried(this.parts, codes.length * BYTES_OF_CODE);
    const result = await calls.findMissing({ codes, lastJump: holdings.keptSince }, bounds);
    if (!result.ok) return this.#failed(result, began, codes.length);
    this.#look = this.#goOn(look, page, page.length < limit, result.value);
    return 'more';
  }

  #goOn(before: Look | null, page: readonly HeldReceipt[], isLast: boolean, answer: HoldingsAnswer): Look {
    const look = before ?? { lastJump: answer.lastJump, restored: 0, isSomeLeft: false };
    const named = new Set(answer.missing);
    const missing = page.filter(({ code }) => named.has(code) && !this.#refused.has(code));
    const lowest = page.at(-1)?.code ?? '';
    const isKept =
      answer.keptUpTo === null ? named.size === 0 : Number(lowest.slice(0, NUMBER_DIGITS)) <= answer.keptUpTo;
    return {
      ...look,
      missing,
      below: lowest,
      isAtTheEnd: isLast || (isKept && named.size === 0),
      isSomeLeft: look.isSomeLeft || missing.length < named.size,
    };
  }

  async #present(chunk: readonly HeldReceipt[]): Promise<Step> {
    const { calls, clock, lineState } = this.parts;
    const items = chunk.map(({ jws: invoice, receipt }) => ({ invoice, receipt }));
    const bytes = chunk.reduce((sum, held) => sum + bytesOf(held), 0);
    const began = clock.monotonicMs();
    const result: CallResult<RestorationAnswer> = await calls.restore(items, unhurried(this.parts, bytes));
    if (!result.ok) return this.#failed(result, began, chunk.length);
    lineState.worked();
    this.#itemsMax = Math.min(LIMITS.reissueChunkInvoicesMax, this.#itemsMax * SHRINK);
    await this.#keep(chunk, result.value.results);
    return 'more';
  }

  async #keep(chunk: readonly HeldReceipt[], results: readonly RestorationResult[]): Promise<void> {
    const look = this.#look;
    if (look === null) return;
    const unknownSigners: HeldReceipt[] = [];
    for (const [index, held] of chunk.entries()) {
      const result = results[index];
      if (result === undefined) continue;
      if (result.result === 'restored') look.restored += 1;
      else if (result.result === 'refused') this.#refuse(look, held, result.problem);
      else if (result.result === 'deferred' && result.problem.code === 'signer_unknown') unknownSigners.push(held);
      else if (result.result === 'deferred') look.isSomeLeft = true;
    }
    const isOneMore = await this.#certificates.show(unknownSigners.map(({ jws }) => jws));
    const again = isOneMore ? unknownSigners : [];
    look.isSomeLeft ||= unknownSigners.length > again.length;
    look.missing = [...again, ...look.missing.slice(chunk.length)];
  }

  #refuse(look: Look, { code, invoiceId }: HeldReceipt, { code: cause, title, detail }: Problem): void {
    this.#refused.add(code);
    look.isSomeLeft = true;
    this.#tell('restoration_refused', invoiceId, cause, `${title} ${detail}`);
  }

  async #finish(look: Look): Promise<Step> {
    const { calls, clock, holdings } = this.parts;
    const { lastJump, restored, isSomeLeft } = look;
    if (lastJump !== null && !isSomeLeft) {
      const began = clock.monotonicMs();
      const result = await calls.findMissing({ codes: [], lastJump }, unhurried(this.parts, 0));
      if (!result.ok) return this.#failed(result, began, 0);
    }
    this.#look = null;
    if (isSomeLeft) this.#notBefore = clock.monotonicMs() + AGAIN_MS;
    else holdings.found(lastJump);
    if (restored > 0)
      this.#tell(
        'restored',
        null,
        null,
        `The server had forgotten ${restored} invoices of this till, and has them again.`,
      );
    return 'done';
  }

  /** A server that is busy with others is left alone for a while; what waits is carried all the same. */
  #failed({ failure, passage }: Extract<CallResult<unknown>, { ok: false }>, began: number, items: number): Step {
    const { clock, lineState } = this.parts;
    const allowed = failure.problem?.allowed;
    if (failure.cause === 'over_threshold' && allowed !== undefined && allowed > 0) {
      this.#itemsMax = allowed;
      return 'more';
    }
    if (isPerhapsTooMuch(failure, passage) && items > 1) this.#itemsMax = Math.ceil(items / SHRINK);
    lineState.failedInBackground(failure, began);
    if (failure.class === 'outage' && !this.parts.circuit.isClosed) return { stopped: failure.cause };
    this.#notBefore = clock.monotonicMs() + (failure.problem?.retryAfterMs ?? AGAIN_MS);
    return 'done';
  }

  #tell(kind: 'restored' | 'restoration_refused', invoiceId: string | null, code: string | null, detail: string): void {
    const { clock, journal } = this.parts;
    const at = utcTime(clock.now());
    journal.tryTransaction(() => journal.feed.append({ at, kind, saleId: null, invoiceId, code, detail }));
  }
}

function bytesOf({ jws, receipt }: HeldReceipt): number {
  return jws.length + receipt.length;
}
