import { type FailureCause, LIMITS } from '@tax-control/protocol';
import type { JournalEntry } from '../journal/entries.js';
import type { CallFailure } from '../sender/read-answer.js';
import { chooseChunk } from './chunk.js';
import { type Passing, turnOf } from './passing.js';
import { type ChunkEnd, type ChunkSender, emptyTally } from './send-chunk.js';
import type { TillParts } from './till-parts.js';
import { bytesOfCall, takesLong, unhurried } from './unhurried.js';

/** `empty`: nothing is left that may be tried; `spent`: the allowance is; `stopped`: the line failed, or this till is not admitted. */
export interface PassingEnd {
  readonly end: 'empty' | 'spent' | 'stopped';
  /** Why not all is issued that was tried; null: nothing failed. */
  readonly cause: FailureCause | null;
  /** Milliseconds for which a busy server wants to be left alone; left out: it said nothing. */
  readonly retryAfterMs?: number;
}

/** An invoice that was sent alone and had no answer: the line is at fault or the invoice, and nobody knows yet. */
interface Suspect {
  readonly entry: JournalEntry;
  readonly failure: CallFailure;
  /** When it began, on the monotonic clock. */
  readonly began: number;
}

type Step = 'more' | PassingEnd;
type Failed = Extract<ChunkEnd, { end: 'failed' }>;

/** Milliseconds to ask for the parameters, when the server says that the threshold is lower. */
const PARAMETERS_MS = 5_000;
/** Single invoices that may fail one after the other before the server, and not the invoice, is held to be at fault. */
const FAILURES_IN_A_ROW_MAX = 3;
/** Threshold before any parameters are known. */
const THRESHOLD_MIN = 1;

/**
 * The late door: oldest first, up to the allowance, in chunks bounded in number and bytes. Each chunk
 * waits for its turn on the lane, so that a sale goes before it.
 */
export class Reissuer {
  /** By invoice. */
  readonly #suspects = new Map<string, Suspect>();
  #allowance: number | null = null;

  constructor(
    private readonly parts: TillParts,
    private readonly chunks: ChunkSender,
    private readonly fetchParameters: (until: number) => Promise<void>,
  ) {}

  /** How many offline invoices one transaction may carry: as the server last said, never above the threshold. */
  get allowance(): number {
    const threshold = this.parts.shelf.current?.threshold ?? THRESHOLD_MIN;
    return Math.min(this.#allowance ?? threshold, threshold);
  }

  takeAllowance(allowance: number): void {
    this.#allowance = allowance;
  }

  /** One transaction of a passage: chunks until the allowance is spent, nothing is left, or the line fails. */
  async carry(budget: number, passing: Passing): Promise<PassingEnd> {
    passing.budget = budget;
    for (;;) {
      if (passing.budget <= 0) return { end: 'spent', cause: null };
      const step = await this.parts.lane.run('background', () => this.#sendNext(passing));
      if (step !== 'more') return step;
    }
  }

  /** Sends one waiting invoice on the lane that its caller has; until: point of the monotonic clock. */
  async sendOne(entry: JournalEntry, until: number): Promise<void> {
    const bounds = { connectBy: until, answerBy: until };
    const end = await this.chunks.send([entry], bounds, emptyTally());
    if (end.end === 'answered' && end.again) await this.chunks.send([entry], bounds, emptyTally());
  }

  async #sendNext(passing: Passing): Promise<Step> {
    const { clock, journal, circuit, lineState, rate, underWay } = this.parts;
    if (!circuit.isClosed) return { end: 'stopped', cause: lineState.whyOpen.cause };
    this.#blameSuspects();
    const page = journal.read(() => journal.invoices.waitingAfter(passing.position, LIMITS.reissueChunkInvoicesMax));
    if (page.length === 0) return this.#atTheEnd(passing);
    const facts = {
      now: clock.now(),
      isUnderWay: (id: string) => underWay.has(id),
      takesLong: (bytes: number) => takesLong(rate, bytes),
    };
    const chunk = chooseChunk(page, {
      invoices: passing.position < passing.singlyUntil ? 1 : passing.budget,
      bytes: bytesOfCall(rate, LIMITS.reissueChunkBytesMax),
      turnOf: (entry) => turnOf(entry, passing, facts),
    });
    const before = passing.position;
    passing.position = chunk.position ?? passing.position;
    passing.isSomeLeft ||= chunk.isSomeLeft;
    if (chunk.entries.length === 0) return 'more';
    return this.#send(chunk.entries, before, passing);
  }

  /** @param before position to go back to, if the entries have to be sent again */
  async #send(entries: readonly JournalEntry[], before: number, passing: Passing): Promise<Step> {
    const bytes = entries.reduce((sum, { jws }) => sum + jws.length, 0);
    const end = await this.chunks.send(entries, unhurried(this.parts, bytes), passing.tally);
    if (end.end === 'stalled') return { end: 'stopped', cause: end.cause };
    if (end.end === 'failed') return this.#afterFailure(entries, end, before, passing);
    for (const { invoiceId } of entries) {
      if (!end.again) passing.tried.add(invoiceId);
      this.#suspects.delete(invoiceId);
    }
    this.takeAllowance(end.allowance);
    passing.budget = Math.min(passing.budget - entries.length, end.allowance);
    passing.failuresInARow = 0;
    if (end.again) passing.position = before;
    return 'more';
  }

  /** A chunk that failed as a whole although the line was there is sent again one by one, to find the one that is why. */
  async #afterFailure(
    [first, ...others]: readonly JournalEntry[],
    { failure, isPerhapsTooMuch, began }: Failed,
    before: number,
    passing: Passing,
  ): Promise<Step> {
    const { lineState, clock } = this.parts;
    if (failure.class !== 'own' && !isPerhapsTooMuch) {
      const retryAfterMs = failure.problem?.retryAfterMs;
      return { end: 'stopped', cause: failure.cause, ...(retryAfterMs !== undefined && { retryAfterMs }) };
    }
    if (first === undefined || others.length > 0) {
      passing.position = before;
      if (failure.cause === 'over_threshold') {
        await this.fetchParameters(clock.monotonicMs() + PARAMETERS_MS);
        this.takeAllowance(failure.problem?.allowed ?? THRESHOLD_MIN);
        return { end: 'spent', cause: null };
      }
      passing.singlyUntil = Math.max(passing.singlyUntil, others.at(-1)?.position ?? before);
      return 'more';
    }
    passing.tried.add(first.invoiceId);
    if (isPerhapsTooMuch) this.#suspects.set(first.invoiceId, { entry: first, failure, began });
    passing.failuresInARow += 1;
    if (passing.failuresInARow < FAILURES_IN_A_ROW_MAX) return 'more';
    lineState.failedInBackground(failure, began);
    return { end: 'stopped', cause: failure.cause };
  }

  /** Those that failed although something else, a sale or another invoice, got through afterwards: it was not the line. */
  #blameSuspects(): void {
    const { keeper, lineState } = this.parts;
    for (const [invoiceId, { entry, failure, began }] of this.#suspects) {
      if (!lineState.workedSince(began)) continue;
      keeper.blame(entry, failure);
      this.#suspects.delete(invoiceId);
    }
  }

  /** Those that were left for it go in a second round. */
  #atTheEnd(passing: Passing): Step {
    if (passing.round === 'second' || !passing.isSomeLeft) {
      const [last] = [...this.#suspects.values()].toReversed();
      return { end: 'empty', cause: last?.failure.cause ?? null };
    }
    Object.assign(passing, { round: 'second', position: 0, singlyUntil: 0 });
    return 'more';
  }
}
