import { type FailureCause, LIMITS } from '@tax-control/protocol';
import type { JournalEntry } from '../journal/entries.js';
import type { CallFailure } from '../sender/read-answer.js';
import { chooseChunk } from './chunk.js';
import { type ChunkSender, emptyTally, type Tally } from './send-chunk.js';
import type { TillParts } from './till-parts.js';

/** How far one passage through the waiting entries has got. */
interface Passing {
  /** Invoices that this transaction may still carry. */
  budget: number;
  /** Entries up to this position were tried or passed by. */
  position: number;
  /** Up to this position one at a time: a chunk failed as a whole, and one of them is why. */
  singlyUntil: number;
  failuresInARow: number;
  readonly everything: boolean;
  readonly tally: Tally;
}

/** `empty`: nothing is left that may be tried; `spent`: the allowance is; `stopped`: the line failed, or this till is not admitted. */
export interface PassingEnd {
  readonly end: 'empty' | 'spent' | 'stopped';
  readonly cause: FailureCause | null;
  /** Where to go on. */
  readonly position: number;
}

type Step = 'more' | Omit<PassingEnd, 'position'>;

/** Milliseconds for connecting and for the answer to a chunk: nobody waits for it but the next sale, which has a deadline of its own. */
const CONNECT_MS = 5_000;
const ANSWER_MS = 20_000;
/** Single invoices that may fail one after the other before the server, and not the invoice, is held to be at fault. */
const FAILURES_IN_A_ROW_MAX = 3;
/** Threshold before any parameters are known. */
const THRESHOLD_MIN = 1;

/**
 * The late door: oldest first, up to the allowance, in chunks bounded in number and bytes. Each chunk
 * waits for its turn on the lane, so that a sale goes before it.
 */
export class Reissuer {
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

  /**
   * One transaction: chunks until the allowance is spent, nothing is left, or the line fails.
   * @param everything whether to try those, too, that failed often
   * @param after position to begin after
   */
  async carry(budget: number, everything: boolean, tally: Tally, after: number): Promise<PassingEnd> {
    const passing: Passing = { budget, position: after, singlyUntil: 0, failuresInARow: 0, everything, tally };
    for (;;) {
      if (passing.budget <= 0) return { end: 'spent', cause: null, position: passing.position };
      const step = await this.parts.lane.run('background', () => this.#sendNext(passing));
      if (step !== 'more') return { ...step, position: passing.position };
    }
  }

  /** Sends one waiting invoice on the lane that its caller has; until: point of the monotonic clock. */
  async sendOne(entry: JournalEntry, until: number): Promise<void> {
    const bounds = { connectBy: until, answerBy: until };
    const end = await this.chunks.send([entry], bounds, emptyTally());
    if (end.end === 'answered' && end.again) await this.chunks.send([entry], bounds, emptyTally());
  }

  async #sendNext(passing: Passing): Promise<Step> {
    const { clock, journal, circuit, lineState, underWay } = this.parts;
    if (!circuit.isClosed) return { end: 'stopped', cause: lineState.whyOpen.cause };
    const page = journal.read(() => journal.invoices.waitingAfter(passing.position, LIMITS.reissueChunkInvoicesMax));
    if (page.length === 0) return { end: 'empty', cause: null };
    const chunk = chooseChunk(page, {
      invoices: passing.position < passing.singlyUntil ? 1 : passing.budget,
      now: clock.now(),
      everything: passing.everything,
      isUnderWay: (id) => underWay.has(id),
    });
    const before = passing.position;
    passing.position = chunk.position ?? passing.position;
    const sent = chunk.entries.length;
    if (sent === 0) return 'more';

    const now = clock.monotonicMs();
    const bounds = { connectBy: now + CONNECT_MS, answerBy: now + ANSWER_MS };
    const end = await this.chunks.send(chunk.entries, bounds, passing.tally);
    if (end.end === 'stalled') return { end: 'stopped', cause: end.cause };
    if (end.end === 'failed') return this.#afterFailure(passing, before, sent, end.failure);
    this.takeAllowance(end.allowance);
    passing.budget = Math.min(passing.budget - sent, end.allowance);
    passing.failuresInARow = 0;
    if (end.again) passing.position = before;
    return 'more';
  }

  /** A chunk that failed as a whole although the line was there is sent again one by one, to find the one that is why. */
  async #afterFailure(passing: Passing, before: number, sent: number, failure: CallFailure): Promise<Step> {
    if (failure.class !== 'own') return { end: 'stopped', cause: failure.cause };
    if (failure.cause === 'over_threshold' && sent > 1) {
      await this.fetchParameters(this.parts.clock.monotonicMs() + CONNECT_MS);
      this.takeAllowance(failure.problem?.allowed ?? THRESHOLD_MIN);
      passing.position = before;
      return { end: 'spent', cause: null };
    }
    if (sent === 1) {
      passing.failuresInARow += 1;
      return passing.failuresInARow < FAILURES_IN_A_ROW_MAX ? 'more' : { end: 'stopped', cause: failure.cause };
    }
    passing.singlyUntil = passing.position;
    passing.position = before;
    return 'more';
  }
}
