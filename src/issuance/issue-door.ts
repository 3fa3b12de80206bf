import { type Clock, type IssueAnswer, type Problem, problem } from '@tax-control/protocol';
import type { SessionGuard } from '../database/session-guard.js';
import type { Refusals } from '../ledger/refusals.js';
import type { ServerEvent, ServerEvents } from '../observability/server-events.js';
import type { Parameters } from '../registry/parameters.js';
import { allowanceOf } from './allowance.js';
import { authenticateInvoice, type SendingTerminal } from './authenticate-invoice.js';
import type { Arrival } from './authentic-invoice.js';
import type { GroupCommit } from './group-commit.js';
import type { InvoiceCounts } from './invoice-counts.js';
import { turnedAwayWith } from './outcome.js';
import { type InvoiceReader, READ_IN_PLACE } from './reading/read-invoices.js';

/**
 * After how long a till may try again that was turned away: the queue is worked off in about a second. Tills add jitter of their own.
 */
const BUSY_RETRY_AFTER_MS = 2_000;
/** Characters of an invoice of some 60 lines: reading it keeps the event loop for less than a millisecond. */
const IN_PLACE_LENGTH_MAX = 20_000;

/** The online door: one invoice, now. */
export class IssueDoor {
  /** Sales that have no answer yet. */
  private unanswered = 0;

  constructor(
    private readonly reader: InvoiceReader,
    private readonly groupCommit: GroupCommit,
    private readonly refusals: Refusals,
    private readonly parameters: Parameters,
    private readonly events: ServerEvents,
    private readonly counts: InvoiceCounts,
    private readonly jumps: Pick<SessionGuard, 'lastJump'>,
    private readonly clock: Clock,
  ) {}

  /**
   * Has one invoice issued.
   *
   * @param text compact JWS of the invoice
   * @param attemptId UUID of the till's log entry, if it sent one
   * @param isResumed see `Arrival`
   * @param newestCode see `Arrival`
   * @returns the answer, once it is committed; or the problem, once what is refused for good is written down
   * @throws OutcomeUnknown, or the driver's error in an outage
   */
  async issue(
    text: string,
    terminal: SendingTerminal,
    attemptId: string | null,
    isResumed = false,
    newestCode?: string,
  ): Promise<IssueAnswer | Problem> {
    this.unanswered += 1;
    try {
      return await this.pass(text, terminal, { attemptId, isResumed, ...(newestCode !== undefined && { newestCode }) });
    } catch (error) {
      this.counts.failed('issue', error);
      throw error;
    } finally {
      this.unanswered -= 1;
    }
  }

  private async pass(
    text: string,
    terminal: SendingTerminal,
    said: Omit<Arrival, 'door' | 'at'>,
  ): Promise<IssueAnswer | Problem> {
    const { attemptId } = said;
    // Before the work of reading it: who is turned away should cost little.
    if (this.reader.isFull || this.groupCommit.isFull) return this.busy(terminal, attemptId);
    const door = 'issue';
    const read = await authenticateInvoice(this.readerOf(text), text, terminal, {
      door,
      at: this.clock.now(),
      ...said,
    });
    if (!read.ok) {
      const { terminalId } = terminal;
      const [told = read.problem] = await this.refusals.record([{ terminalId, body: text, door, attemptId, ...read }]);
      return this.turnedAway(terminal, attemptId, turnedAwayWith(told).result, told);
    }
    const outcome = await this.groupCommit.submit(read.authentic);
    if (outcome === null) return this.busy(terminal, attemptId);
    const { result, lastCounter, newestKnown } = outcome;
    if (result.result === 'refused' || result.result === 'deferred') {
      return this.turnedAway(terminal, attemptId, result.result, result.problem);
    }
    this.counts.settled('issue', result);
    const { threshold } = await this.parameters.current();
    return {
      ...result,
      allowance: allowanceOf(threshold, this.groupCommit.load),
      lastCounter,
      lastJump: this.jumps.lastJump,
      newestKnown,
    };
  }

  /**
   * A sale that is alone is read in place: the way to a thread and back takes longer than reading it, and there is nobody whom it could keep
   * waiting. (`docs/performance.md`, "What a list of one costs")
   */
  private readerOf(text: string): InvoiceReader {
    return this.unanswered === 1 && text.length <= IN_PLACE_LENGTH_MAX ? READ_IN_PLACE : this.reader;
  }

  private busy(terminal: SendingTerminal, attemptId: string | null): Problem {
    return this.turnedAway(
      terminal,
      attemptId,
      'failed',
      problem('server_busy', { retryAfterMs: BUSY_RETRY_AFTER_MS }),
    );
  }

  private turnedAway(
    { terminalId }: SendingTerminal,
    attemptId: string | null,
    outcome: ServerEvent['outcome'],
    why: Problem,
  ): Problem {
    this.counts.turnedAway('issue', outcome === 'not_authenticated' ? 'failed' : outcome, why.code);
    this.events.record({ terminalId, attemptId, door: 'issue', outcome, cause: why.code });
    return why;
  }
}
