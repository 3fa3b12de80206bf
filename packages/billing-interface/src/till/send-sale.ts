import { type FailureCause, type IssueAnswer, originalsOf } from '@tax-control/protocol';
import type { SaleResult } from '../api.js';
import type { AttemptStart } from '../journal/attempt-store.js';
import type { JournalEntry } from '../journal/entries.js';
import { JournalUnavailable } from '../journal/journal-unavailable.js';
import { classOfCause } from '../sender/failure-cause.js';
import type { Passage, SendBounds } from '../sender/line.js';
import type { CallResult } from '../sender/server-calls.js';
import { noticeFork } from './journal-watch.js';
import { invoiceOf } from './sale-answers.js';
import { SaleDeadline } from './sale-deadline.js';
import type { Hearer } from './result-keeper.js';
import type { TillParts } from './till-parts.js';
import { isRefusal, judgeResult, type Verdict } from './verdict.js';

/** What the sender wants done beside the sale. */
export interface SenderErrands {
  /** A sale got its code: the server can be had, and says how many offline invoices it takes. */
  online(allowance: number): void;
  /** Sends one waiting invoice now, on the lane that the caller has. */
  reissueOne(entry: JournalEntry, until: number): Promise<void>;
  /** Fetches the parameters now: a receipt is signed by a key that they may name by now. */
  fetchParameters(until: number): Promise<void>;
}

/** How long a late answer is still listened for: a server that needs longer has given up itself. */
const LATE_ANSWER_MS = 30_000;

/** Nothing is known of the steps of an exchange that has not ended. */
const NO_STEPS = { address: null, connectMs: null, tlsMs: null, answerMs: null } as const;

/** Whether the MIS may have had an answer: issued, refused, or told that it waits. */
export function isAnswered(entry: JournalEntry): boolean {
  return entry.state !== 'waiting' || entry.cause !== null;
}

/** One signed sale on its way to the server, within the deadline of the MIS. */
export class SaleSender {
  constructor(
    private readonly parts: TillParts,
    private readonly errands: SenderErrands,
  ) {}

  /**
   * Sends the entry and answers the MIS at the deadline at the latest. What comes later still seals the entry, and the
   * feed tells of it.
   * @param deadlineAt point of the monotonic clock
   * @param isResumed the till stopped between signature and answer
   */
  async send(entry: JournalEntry, attempt: AttemptStart, deadlineAt: number, isResumed = false): Promise<SaleResult> {
    if (!this.parts.circuit.isClosed) return this.#leaveUntried(entry, attempt, null);
    const deadline = new SaleDeadline(this.parts.clock, deadlineAt);
    try {
      return await this.#send(entry, attempt, deadline, isResumed);
    } catch (error) {
      // It is signed: whatever the disk does now, the sale has happened, and it waits.
      if (!(error instanceof JournalUnavailable)) throw error;
      return this.#miss(entry, attempt, { cause: 'unknown', detail: error.message }, deadline);
    } finally {
      deadline.stop();
    }
  }

  async #send(
    entry: JournalEntry,
    attempt: AttemptStart,
    deadline: SaleDeadline,
    isResumed: boolean,
  ): Promise<SaleResult> {
    const { clock, lane, lineState, rate, underWay } = this.parts;
    const began = clock.monotonicMs();
    const sending = lane.run('sale', async () => {
      if (deadline.isOver) return null;
      const exchange = underWay.track([entry.invoiceId], this.#exchange(entry, attempt, deadline, isResumed));
      exchange.catch((error: unknown) => {
        // The MIS has its answer: a bug in what comes later must be heard of all the same. A disk that fails is told by the next sale.
        if (deadline.isOver && !(error instanceof JournalUnavailable)) this.parts.onError(error);
      });
      return Promise.race([exchange, deadline.over.then(() => null)]);
    });
    const answer = await Promise.race([sending, deadline.over.then(() => null)]);
    if (answer !== null) return answer;
    // An invoice that is too long for this line and this deadline says nothing of the line: the next one may be short.
    if (!rate.takesLonger(entry.jws.length, deadline.at - began))
      lineState.failed({ cause: 'answer_timeout', class: 'outage', detail: null, problem: null }, began);
    return this.#miss(entry, attempt, { cause: 'answer_timeout', detail: null }, deadline);
  }

  /**
   * Sends an entry that was signed before the till stopped, unless a chunk has it on the wire at this moment: then that
   * outcome is the answer.
   */
  async resume(entry: JournalEntry, attempt: AttemptStart, deadlineAt: number): Promise<SaleResult> {
    const { journal, underWay, answers } = this.parts;
    const deadline = new SaleDeadline(this.parts.clock, deadlineAt);
    await Promise.race([underWay.settled(entry.invoiceId), deadline.over]);
    deadline.stop();
    const now = journal.read(() => journal.invoices.byInvoice(entry.invoiceId)) ?? entry;
    if (isAnswered(now) || deadline.isOver) return answers.answer(now);
    journal.transaction(() => journal.attempts.begin(attempt));
    return this.send(now, attempt, deadlineAt, true);
  }

  async #exchange(
    entry: JournalEntry,
    attempt: AttemptStart,
    deadline: SaleDeadline,
    isResumed: boolean,
  ): Promise<SaleResult> {
    await this.#takeOriginalsAlong(entry, deadline);
    if (deadline.isOver) return this.parts.answers.answer(entry);
    if (!this.parts.circuit.isClosed) return this.#leaveUntried(entry, attempt, deadline.waitedMs);
    const { calls, clock, holdings, lane, onStep, rate } = this.parts;
    const began = clock.monotonicMs();
    const bounds: SendBounds = { connectBy: deadline.sendBy, answerBy: deadline.at + LATE_ANSWER_MS };
    // It is likely to wait: then the next customer shall not have to wait for the rest of it.
    const giveWay = async (): Promise<void> => (deadline.isOver ? lane.giveWay() : undefined);
    const isLong = rate.takesLonger(entry.jws.length, deadline.at - began);
    const result = await calls.issue(
      entry.jws,
      attempt.id,
      { ...bounds, ...(isLong && { giveWay }) },
      { ...(isResumed && { resumed: true }), ...holdings.claim() },
    );
    onStep('answered');
    const kept = await this.#keep(entry, attempt, result, began, deadline);
    this.parts.onStep('sealed');
    return this.parts.answers.answer(kept);
  }

  async #keep(
    entry: JournalEntry,
    attempt: AttemptStart,
    result: CallResult<IssueAnswer>,
    began: number,
    deadline: SaleDeadline,
  ): Promise<JournalEntry> {
    const { holdings, keeper, lineState, standing, journal } = this.parts;
    const hearer = (): Hearer => (deadline.isOver ? 'feed' : 'mis');
    const passage = (): Passage => ({ ...result.passage, totalMs: deadline.waitedMs });
    if (!result.ok) {
      const { failure } = result;
      if (failure.problem !== null && isRefusal(failure.problem)) {
        standing.take(null);
        lineState.worked();
        return keeper.keep(entry, attempt.id, { kind: 'refused', problem: failure.problem }, passage(), hearer());
      }
      if (failure.cause === 'server_behind') holdings.doubt();
      lineState.failed(failure, began);
      return keeper.keepMiss(entry, attempt.id, failure, passage());
    }
    const verdict = await this.#judge(entry, result.value, deadline);
    const kept = keeper.keep(entry, attempt.id, verdict, passage(), hearer());
    if (verdict.kind !== 'issued') return kept;
    standing.take(null);
    lineState.worked();
    noticeFork(journal, entry, result.value, verdict.warnings);
    holdings.notice(result.value);
    this.errands.online(result.value.allowance);
    return kept;
  }

  /** A receipt that cannot be believed may only be signed by a newer key: the parameters are asked once. */
  async #judge(entry: JournalEntry, answer: IssueAnswer, deadline: SaleDeadline): Promise<Verdict> {
    const judge = () => judgeResult(entry, answer, this.parts.shelf.current?.trustedKeys ?? []);
    const verdict = judge();
    if (verdict.kind !== 'unbelievable') return verdict;
    await this.errands.fetchParameters(deadline.sendBy);
    return judge();
  }

  /** A refund or void whose originals still wait here takes them along first. */
  async #takeOriginalsAlong(entry: JournalEntry, deadline: SaleDeadline): Promise<void> {
    const { journal, underWay } = this.parts;
    for (const named of originalsOf(invoiceOf(entry.jws).reference)) {
      if ('code' in named) continue;
      await underWay.settled(named.invoiceId);
      // Nothing may be sent any more: a call without time would fail, and the line would be held to be down for it.
      if (deadline.isOver) return;
      const original = journal.read(() => journal.invoices.byInvoice(named.invoiceId));
      if (original?.state === 'waiting') await this.errands.reissueOne(original, deadline.sendBy);
    }
  }

  #miss(
    entry: JournalEntry,
    attempt: AttemptStart,
    { cause, detail }: { readonly cause: FailureCause; readonly detail: string | null },
    { waitedMs }: SaleDeadline,
  ): SaleResult {
    const { keeper, answers } = this.parts;
    const miss = { cause, detail, class: classOfCause(cause) };
    return answers.answer(keeper.keepMiss(entry, attempt.id, miss, { ...NO_STEPS, totalMs: waitedMs }));
  }

  /**
   * The line is known to be down: nothing is sent.
   * @param waitedMs how long the sale waited for others before that was known; null: it was known at once
   */
  keepUntried(entry: JournalEntry, attempt: AttemptStart, waitedMs: number | null): JournalEntry {
    const { keeper, lineState } = this.parts;
    const { cause, detail } = lineState.whyOpen;
    const miss = { cause, detail, class: classOfCause(cause) };
    return keeper.keepUntried(entry, attempt.id, miss, lineState.opener, waitedMs);
  }

  #leaveUntried(entry: JournalEntry, attempt: AttemptStart, waitedMs: number | null): SaleResult {
    return this.parts.answers.answer(this.keepUntried(entry, attempt, waitedMs));
  }
}
