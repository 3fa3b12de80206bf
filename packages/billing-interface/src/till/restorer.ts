import {
  type FailureCause,
  type HoldingsAnswer,
  LIMITS,
  type Problem,
  type ProblemCode,
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

/**
 * A passage through the receipts that this till holds. First it asks, the highest code first, until what lies below is certainly kept; then it
 * presents what is missing, the lowest first, so that what is taken back comes before what takes it back. It may take several transactions.
 */
interface Look {
  /** The server's last jump when the passage began; null: its numbers never jumped. */
  readonly lastJump: number | null;
  /** Codes from here on were asked for. */
  below: string;
  /** Whether nothing more is asked for. */
  isAsked: boolean;
  /** Codes that are missing and were not presented yet: the highest first while it asks, then the lowest. */
  missing: string[];
  restored: number;
  /** Something is missing that the server does not take, or not now. */
  isSomeLeft: boolean;
  /** Milliseconds after which what is left is tried again. */
  againMs: number;
  /** Causes for which something was refused, each with how many and the first of them. */
  readonly refused: Map<ProblemCode, { count: number; readonly invoiceId: string; readonly title: string }>;
}

type Step = 'more' | 'done' | { readonly stopped: FailureCause };

/** Codes of the first question of a passage: after a mere start anew nothing is missing, and fewer are enough to know it. */
const FIRST_CODES = 25;
/** A code with its quotation marks and comma. */
const BYTES_OF_CODE = 23;
/** Digits of a code that are the server's number. */
const NUMBER_DIGITS = 12;
/** How long the server is left alone with what it does not take, in milliseconds. */
const AGAIN_MS = 600_000;
/** And after a call that failed for a moment, or what it does not take just now: a restore that is complete is waited for. */
const SOON_MS = 10_000;
/** After a call that was perhaps too long, the next has so much fewer items. */
const SHRINK = 4;

/**
 * Brings back to a restored server what it has forgotten (I9): asks which of the receipts here are missing, and presents these with their invoices.
 * Each call waits for its turn on the lane, so that a sale goes before it.
 */
export class Restorer {
  readonly #certificates: CertificateShower;
  #look: Look | null = null;
  /** By code: presenting them again changes nothing. Null: not read from the journal yet. */
  #refused: Set<string> | null = null;
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
        if (this.#look?.isAsked !== true) return this.#ask();
        const chunk = this.#nextChunk(this.#look, left);
        left -= chunk.length;
        return chunk.length === 0 ? this.#finish(this.#look) : this.#present(this.#look, chunk);
      });
      if (step === 'done') return { end: 'done', carried: budget - left, cause: null };
      if (step !== 'more') return { end: 'stopped', carried: budget - left, cause: step.stopped };
    }
  }

  #isDue(): boolean {
    const { clock, holdings } = this.parts;
    return clock.monotonicMs() >= this.#notBefore && (this.#look !== null || holdings.isDue(this.pauseMs));
  }

  #nextChunk({ missing }: Look, itemsMax: number): readonly HeldReceipt[] {
    const { journal, rate } = this.parts;
    const chunk: HeldReceipt[] = [];
    let bytes = bytesOfCall(rate, LIMITS.reissueChunkBytesMax);
    for (const code of missing.slice(0, Math.min(itemsMax, this.#itemsMax))) {
      const held = journal.read(() => journal.invoices.held(code));
      if (held === null) throw new Error('a receipt is gone from the journal');
      bytes -= bytesOf(held);
      if (chunk.length > 0 && bytes < 0) break;
      chunk.push(held);
    }
    return chunk;
  }

  /** Asks which of the next receipts are missing. */
  async #ask(): Promise<Step> {
    const { calls, clock, holdings, journal, rate } = this.parts;
    const codesMax = bytesOfCall(rate, BYTES_OF_CODE * LIMITS.holdingsMax) / BYTES_OF_CODE;
    const limit = this.#look === null ? FIRST_CODES : Math.floor(codesMax);
    const codes = journal.read(() => journal.invoices.codesBelow(this.#look?.below ?? ABOVE_ALL_CODES, limit));
    const began = clock.monotonicMs();
    const bounds = unhurried(this.parts, codes.length * BYTES_OF_CODE);
    const result = await calls.findMissing({ codes, lastJump: holdings.keptSince }, bounds);
    if (!result.ok) return this.#failed(result, began, codes.length);
    this.#look ??= {
      lastJump: result.value.lastJump,
      below: ABOVE_ALL_CODES,
      isAsked: false,
      missing: [],
      restored: 0,
      isSomeLeft: false,
      againMs: AGAIN_MS,
      refused: new Map(),
    };
    this.#note(this.#look, codes, codes.length < limit, result.value);
    return 'more';
  }

  #note(look: Look, codes: readonly string[], isLast: boolean, { missing, keptUpTo }: HoldingsAnswer): void {
    const named = new Set(missing);
    const refused = this.#refusedCodes();
    const found = codes.filter((code) => named.has(code));
    const worth = found.filter((code) => !refused.has(code));
    look.missing.push(...worth);
    look.isSomeLeft ||= worth.length < found.length;
    look.below = codes.at(-1) ?? '';
    const isKept = keptUpTo === null || Number(look.below.slice(0, NUMBER_DIGITS)) <= keptUpTo;
    look.isAsked = isLast || (isKept && found.length === 0);
    if (look.isAsked) look.missing.reverse();
  }

  async #present(look: Look, chunk: readonly HeldReceipt[]): Promise<Step> {
    const { calls, clock, lineState } = this.parts;
    const items = chunk.map(({ jws: invoice, receipt }) => ({ invoice, receipt }));
    const bytes = chunk.reduce((sum, held) => sum + bytesOf(held), 0);
    const began = clock.monotonicMs();
    const result: CallResult<RestorationAnswer> = await calls.restore(items, unhurried(this.parts, bytes));
    if (!result.ok) return this.#failed(result, began, chunk.length);
    lineState.worked();
    this.#itemsMax = Math.min(LIMITS.reissueChunkInvoicesMax, this.#itemsMax * SHRINK);
    await this.#keep(look, chunk, result.value.results);
    return 'more';
  }

  async #keep(look: Look, chunk: readonly HeldReceipt[], results: readonly RestorationResult[]): Promise<void> {
    const unknownSigners: HeldReceipt[] = [];
    const refused: string[] = [];
    for (const [index, held] of chunk.entries()) {
      const result = results[index];
      if (result === undefined) continue;
      if (result.result === 'restored') look.restored += 1;
      else if (result.result === 'refused') refused.push(this.#refuse(look, held, result.problem));
      else if (result.result === 'deferred' && result.problem.code === 'signer_unknown') unknownSigners.push(held);
      else if (result.result === 'deferred') {
        look.isSomeLeft = true;
        look.againMs = Math.min(look.againMs, result.problem.retryAfterMs ?? SOON_MS);
      }
    }
    if (refused.length > 0) this.#remember(refused);
    const isOneMore = await this.#certificates.show(unknownSigners.map(({ jws }) => jws));
    const again = isOneMore ? unknownSigners.map(({ code }) => code) : [];
    look.isSomeLeft ||= unknownSigners.length > again.length;
    look.missing = [...again, ...look.missing.slice(chunk.length)];
  }

  /** Gives back its code. */
  #refuse(look: Look, { code, invoiceId }: HeldReceipt, { code: cause, title }: Problem): string {
    look.isSomeLeft = true;
    const same = look.refused.get(cause);
    if (same === undefined) look.refused.set(cause, { count: 1, invoiceId, title });
    else same.count += 1;
    return code;
  }

  #refusedCodes(): Set<string> {
    const { journal } = this.parts;
    this.#refused ??= new Set(
      JSON.parse(journal.read(() => journal.settings.get('refused_receipts')) ?? '[]') as string[],
    );
    return this.#refused;
  }

  #remember(codes: readonly string[]): void {
    const { journal } = this.parts;
    const all = this.#refusedCodes();
    for (const code of codes) all.add(code);
    journal.tryTransaction(() => journal.settings.set('refused_receipts', JSON.stringify([...all])));
  }

  /** Tells the server that all is on file, and the shop what became of what was not. */
  async #finish(look: Look): Promise<Step> {
    const { calls, clock, holdings } = this.parts;
    const { lastJump, restored, isSomeLeft, againMs, refused } = look;
    if (lastJump !== null && !isSomeLeft) {
      const began = clock.monotonicMs();
      const result = await calls.findMissing({ codes: [], lastJump }, unhurried(this.parts, 0));
      if (!result.ok) return this.#failed(result, began, 0);
    }
    this.#look = null;
    if (isSomeLeft) this.#notBefore = clock.monotonicMs() + againMs;
    else holdings.found(lastJump);
    if (restored > 0)
      this.#tell(
        'restored',
        null,
        null,
        `The server had forgotten ${restored} invoices of this till, and has them again.`,
      );
    for (const [cause, { count, invoiceId, title }] of refused)
      this.#tell(
        'restoration_refused',
        invoiceId,
        cause,
        `${title} The server does not take ${count} receipts of this till back, this one first. Tell the operator.`,
      );
    return 'done';
  }

  /** A server that is busy with others is left alone for a while; what waits is carried all the same. */
  #failed({ failure, passage }: Extract<CallResult<unknown>, { ok: false }>, began: number, items: number): Step {
    const { clock, lineState } = this.parts;
    const allowed = failure.problem?.allowed;
    if (failure.cause === 'over_threshold' && allowed !== undefined && allowed > 0 && allowed < items) {
      this.#itemsMax = allowed;
      return 'more';
    }
    if (isPerhapsTooMuch(failure, passage) && items > 1) this.#itemsMax = Math.ceil(items / SHRINK);
    lineState.failedInBackground(failure, began);
    if (failure.class === 'outage' && !this.parts.circuit.isClosed) return { stopped: failure.cause };
    const againMs = failure.class === 'outage' ? SOON_MS : AGAIN_MS;
    this.#notBefore = clock.monotonicMs() + (failure.problem?.retryAfterMs ?? againMs);
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
