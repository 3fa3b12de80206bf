import {
  type Clock,
  type InvoiceResult,
  LIMITS,
  problem,
  type Problem,
  type ReissueAnswer,
} from '@tax-control/protocol';
import type { Pool } from 'pg';
import { LookUps } from '../database/look-ups.js';
import type { SessionGuard } from '../database/session-guard.js';
import { Gate } from '../http/gate.js';
import type { Listeners } from '../http/listeners.js';
import { allowanceOf } from '../issuance/allowance.js';
import { type Authentication, authenticateInvoice, type SendingTerminal } from '../issuance/authenticate-invoice.js';
import type { GroupCommit } from '../issuance/group-commit.js';
import type { InvoiceCounts } from '../issuance/invoice-counts.js';
import { type AuthenticInvoice, identityOf } from '../issuance/authentic-invoice.js';
import type { Issuance } from '../issuance/issue-invoices.js';
import { type IssueOutcome, turnedAwayWith } from '../issuance/outcome.js';
import type { InvoiceReader } from '../issuance/reading/read-invoices.js';
import { findRows } from '../ledger/find-rows.js';
import { identityKey } from '../ledger/identity.js';
import { findLastCounter } from '../ledger/last-counter.js';
import { findMissing } from '../ledger/holdings.js';
import type { Refusals } from '../ledger/refusals.js';
import type { ServerEvents } from '../observability/server-events.js';
import type { Parameters } from '../registry/parameters.js';
import { crowdPassed } from './crowd.js';
import { RetrySlots } from './retry-slots.js';

/** Lists of the late door in the database at once: after an outage all tills come, and new sales must find a way between them. */
const LISTS_IN_FLIGHT_MAX = 2;
/** Requests that wait for their turn: more than these would wait longer than a till does. */
const QUEUE_REQUESTS_MAX = 32;
/** Lists of one terminal, one in work and the others waiting for it: a till brings them one after the other. */
const TERMINAL_LISTS_MAX = 8;
/** Payload bytes of one commit: a chunk of the late door fits, and takes some 40 ms. Ten times as much kept sales waiting for 300 ms. */
const PART_BYTES_MAX = 400_000;
/** Invoices of a list that are read together: one way to a thread and back for all of them, while new sales wait for 1 ms. */
const READ_TOGETHER = 8;

/** As of an invoice that is issued, but with neither code nor receipt. */
export type ForeseenResult =
  { readonly result: 'issued' | 'already_issued' } | Extract<InvoiceResult, { readonly problem: Problem }>;

/** The late door: what had to wait in a journal, up to the threshold at once, a result for each. */
export class LateDoor {
  private readonly lookUps: LookUps;
  private readonly gate = new Gate(
    { insideMax: LISTS_IN_FLIGHT_MAX, waitingMax: QUEUE_REQUESTS_MAX, holderMax: TERMINAL_LISTS_MAX },
    LIMITS.reissueChunkBytesMax,
  );
  private readonly retrySlots = new RetrySlots();

  constructor(
    private readonly reader: InvoiceReader,
    private readonly issuance: Issuance,
    private readonly groupCommit: GroupCommit,
    private readonly pool: Pool,
    private readonly parameters: Parameters,
    private readonly events: ServerEvents,
    private readonly counts: InvoiceCounts,
    private readonly refusals: Refusals,
    private readonly listeners: Pick<Listeners, 'handshakesWaiting'>,
    private readonly jumps: Pick<SessionGuard, 'lastJump'>,
    private readonly clock: Clock,
  ) {
    this.lookUps = new LookUps(pool);
  }

  /** Requests that wait for their turn. */
  get waitingRequests(): number {
    return this.gate.waiting;
  }

  /**
   * Has offline invoices issued.
   *
   * @param texts compact JWS, oldest first
   * @param attemptIds for each text the UUID of the till's log entry, if it sent one; null: no till attempts anything, its journal was handed in,
   * so nothing counts as an attempt
   * @param newestCode see `Arrival`
   * @returns a result for each, in order, once what is issued is committed and what is refused is written down; or the problem of the
   * whole list, of which nothing was done then
   * @throws OutcomeUnknown, or the driver's error in an outage
   */
  async reissue(
    texts: readonly string[],
    terminal: SendingTerminal,
    attemptIds: readonly (string | null)[] | null,
    newestCode?: string,
  ): Promise<ReissueAnswer | Problem> {
    const { threshold } = await this.parameters.current();
    if (texts.length === 0) return problem('batch_empty');
    if (texts.length > threshold) return problem('over_threshold', { allowed: threshold });
    const characters = texts.reduce((sum, text) => sum + text.length, 0);
    const answer = await this.gate
      .pass(terminal.terminalId, characters, () =>
        this.pass(texts, terminal, attemptIds, threshold, newestCode ?? null),
      )
      .catch((error: unknown) => {
        this.counts.failed('reissue', error, texts.length);
        throw error;
      });
    if (answer !== null) return answer;
    this.counts.turnedAway('reissue', 'failed', 'server_busy', texts.length);
    const { terminalId } = terminal;
    for (const attemptId of attemptIds ?? []) {
      this.events.record({ terminalId, attemptId, door: 'reissue', outcome: 'failed', cause: 'server_busy' });
    }
    const retryAfterMs = this.retrySlots.afterMs(terminalId, this.gate.waiting, performance.now());
    return problem('server_busy', { retryAfterMs });
  }

  /** What would become of one invoice, without storing anything. */
  async foresee(text: string, terminal: SendingTerminal): Promise<ForeseenResult> {
    const arrival = { door: 'reissue', at: this.clock.now(), attemptId: null } as const;
    const reading = await authenticateInvoice(this.reader, text, terminal, arrival);
    if (!reading.ok) return turnedAwayWith(reading.problem);
    const { authentic } = reading;
    const identity = identityOf(authentic);
    const filed = (await findRows(this.lookUps, [identity])).get(identityKey(identity));
    if (filed === undefined) return { result: 'issued' };
    if (!filed.row.digest.equals(authentic.digest)) return turnedAwayWith(problem('identity_conflict'));
    return { result: 'already_issued' };
  }

  private async pass(
    texts: readonly string[],
    terminal: SendingTerminal,
    attemptIds: readonly (string | null)[] | null,
    threshold: number,
    newestCode: string | null,
  ): Promise<ReissueAnswer> {
    const door = 'reissue';
    const { terminalId } = terminal;
    await crowdPassed(this.listeners);
    const beganMs = performance.now();
    const claim = newestCode === null ? {} : { newestCode };
    const readings: Authentication[] = [];
    for (const [first, group] of groupsOf(texts)) {
      const reading = group.map((text, index) => {
        const attemptId = attemptIds?.[first + index] ?? null;
        return authenticateInvoice(this.reader, text, terminal, { door, at: this.clock.now(), attemptId, ...claim });
      });
      readings.push(...(await Promise.all(reading)));
    }
    const refused = readings.flatMap((reading, index) =>
      reading.ok
        ? []
        : [{ terminalId, body: texts[index] ?? '', door, attemptId: attemptIds?.[index] ?? null, ...reading } as const],
    );
    const told = (await this.refusals.record(refused)).values();
    const outcomes: IssueOutcome[] = [];
    for (const part of partsOf(readings.flatMap((reading) => (reading.ok ? [reading.authentic] : []))))
      outcomes.push(...(await this.issuance.issue(part)));
    const issued = outcomes.values();
    const results = readings.map((reading): InvoiceResult => {
      if (!reading.ok) return turnedAwayWith(told.next().value ?? reading.problem);
      const outcome = issued.next().value;
      if (!outcome) throw new Error('issuance returned no outcome for an invoice');
      return outcome.result;
    });
    for (const [index, result] of results.entries()) {
      this.counts.settled('reissue', result);
      if (attemptIds === null) continue;
      if (result.result !== 'refused' && result.result !== 'deferred') continue;
      const attemptId = attemptIds[index] ?? null;
      this.events.record({ terminalId, attemptId, door, outcome: result.result, cause: result.problem.code });
    }
    this.retrySlots.took((performance.now() - beganMs) / LISTS_IN_FLIGHT_MAX);
    const journalId = readings.map(journalOf).findLast((known) => known !== null) ?? null;
    const missing = newestCode === null ? [] : await findMissing(this.lookUps, terminalId, [newestCode]);
    return {
      results,
      allowance: allowanceOf(threshold, this.groupCommit.load),
      lastCounter: journalId === null ? null : await findLastCounter(this.lookUps, terminalId, journalId),
      lastJump: this.jumps.lastJump,
      newestKnown: missing.length === 0,
    };
  }
}

/**
 * Cuts a long list into parts that are committed one after the other, in their order: while one is committed, sales wait for what it has locked.
 * If a later part fails, the till sends the whole list again and gets the same receipts for what was committed.
 */
function partsOf(list: readonly AuthenticInvoice[]): AuthenticInvoice[][] {
  const parts: AuthenticInvoice[][] = [];
  let bytes = Infinity;
  for (const authentic of list) {
    bytes += authentic.payload.length;
    if (bytes > PART_BYTES_MAX) {
      parts.push([]);
      bytes = authentic.payload.length;
    }
    parts.at(-1)?.push(authentic);
  }
  return parts;
}

function journalOf(reading: Authentication): string | null {
  return reading.ok ? reading.authentic.invoice.journalId : reading.claims.journalId;
}

/** Texts in groups that are read together, each with the place of its first one. */
function* groupsOf(texts: readonly string[]): Generator<readonly [first: number, group: readonly string[]]> {
  for (let first = 0; first < texts.length; first += READ_TOGETHER)
    yield [first, texts.slice(first, first + READ_TOGETHER)];
}
