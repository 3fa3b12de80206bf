import {
  type Door as DoorName,
  type Invoice,
  type InvoiceResult,
  type IssueAnswer,
  LIMITS,
  type LogEntry,
  type LogUploadAnswer,
  type Problem,
  type ReissueAnswer,
  signInvoice,
} from '@tax-control/protocol';
import type { Certified } from '../fleet/certify.js';
import type { Counts } from './counts.js';
import { Door, type DoorPlace } from './door.js';
import type { PlannedTill } from './fleet-plan.js';
import type { Random } from './random.js';
import { invoiceOf, type SaleDraft } from './sale.js';
import type { Miss } from './story.js';

/** What a moment is like for a till. `clockAheadMs`: of its own clock; `isLost`: the answer will not arrive. */
export interface Moment {
  readonly timeMs: number;
  readonly miss: Miss | null;
  readonly clockAheadMs: number;
  readonly isLost?: boolean;
}

interface Waiting {
  readonly invoiceId: string;
  readonly jws: string;
}

/** Entries that a till keeps before it uploads them with its next transaction. */
const UPLOAD_AT_ENTRIES = 20;
/** Problems that say who is calling, not what was sent. */
const isAboutCaller = (code: string): boolean => code.startsWith('certificate_') || code.startsWith('terminal_');

/**
 * A till as the server sees one: a journal with counter and chain, real signatures, real calls at the real doors, and a
 * transaction log. What it lacks of a real one: the file on disk, and the time that a line takes (the log's durations are drawn).
 */
export class SimulatedTill {
  readonly #door: Door;
  readonly #journalId: string;
  readonly #waiting: Waiting[] = [];
  #log: LogEntry[] = [];
  #counter = 0;
  #previousDigest: string | null = null;
  #isLineDown = false;
  #software = '4.1.0';

  constructor(
    readonly plan: PlannedTill,
    place: DoorPlace,
    private certified: Certified,
    private readonly random: Random,
    private readonly counts: Counts,
    bornMs: number,
  ) {
    this.#door = new Door(place, certified);
    this.#journalId = random.uuid(bornMs);
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  install(software: string): void {
    this.#software = software;
  }

  enrolAgain(certified: Certified): void {
    this.certified = certified;
    this.#door.identify(certified);
  }

  /** Signs an invoice that nobody will ever see: its counter is missing. */
  loseInvoice(draft: SaleDraft, moment: Moment): void {
    this.#sign(draft, moment);
  }

  /** Sells, and sends what waits behind it. @returns the invoice, and whether the server refused it */
  async sell(draft: SaleDraft, moment: Moment): Promise<{ readonly invoice: Invoice; readonly isRefused: boolean }> {
    const { invoice, jws } = this.#sign(draft, moment);
    this.counts.invoices += 1;
    const attempt = this.#attempt('issue', invoice.id, moment);
    if (moment.miss !== null) {
      this.#storeOffline({ invoiceId: invoice.id, jws });
      this.#missed(attempt, moment.miss);
      return { invoice, isRefused: false };
    }
    this.#isLineDown = false;
    // As a real till does: the original first, or the server could not know it.
    if (this.#waiting.some(({ invoiceId }) => invoiceId === draft.reference?.invoiceId))
      await this.#reissue(this.#waiting.length, moment);
    const answer = await this.#door.post<IssueAnswer>('/v1/invoices', { invoice: jws }, { 'attempt-id': attempt.id });
    if (moment.isLost === true) {
      this.#storeOffline({ invoiceId: invoice.id, jws });
      this.#note(attempt, 'failed', 'answer_timeout', 'no answer in time', this.#times(1_500));
      return { invoice, isRefused: false };
    }
    if (!answer.ok)
      return { invoice, isRefused: this.#declined(attempt, { invoiceId: invoice.id, jws }, answer.problem) };
    this.counts.online += 1;
    this.#note(attempt, answer.body.result, null, null, this.#times());
    await this.#reissue(answer.body.allowance, moment);
    if (this.#log.length >= UPLOAD_AT_ENTRIES) await this.upload();
    return { invoice, isRefused: false };
  }

  /** What an idle till does by itself once it finds the server: everything that waits, in the same steps; then its log. */
  async drain(moment: Moment): Promise<void> {
    if (moment.miss !== null) return;
    for (let before = Infinity; this.#waiting.length > 0 && this.#waiting.length < before;) {
      before = this.#waiting.length;
      await this.#reissue(LIMITS.reissueChunkInvoicesMax, moment);
    }
    await this.upload();
  }

  async upload(): Promise<void> {
    while (this.#log.length > 0) {
      const entries = this.#log.slice(0, LIMITS.logEntriesMax);
      const answer = await this.#door.post<LogUploadAnswer>('/v1/transaction-logs', { entries });
      if (!answer.ok) throw new Error(`the log of ${this.plan.terminalId} was refused: ${answer.problem.code}`);
      this.#log = this.#log.slice(entries.length);
      this.counts.logEntries += answer.body.new;
    }
  }

  close(): void {
    this.#door.close();
  }

  #storeOffline(waiting: Waiting): void {
    this.#waiting.push(waiting);
    this.counts.offline += 1;
  }

  /** The first sale finds out that the line is down; the next ones do not wait for it. */
  #missed(attempt: LogStart, { cause, detail, waitedMs }: Miss): void {
    if (this.#isLineDown) this.#note(attempt, 'not_tried', cause, detail, { ...NO_TIMES, totalMs: null });
    else this.#note(attempt, 'failed', cause, detail, { ...NO_TIMES, totalMs: this.random.durationMs(waitedMs) });
    this.#isLineDown = true;
  }

  #declined(attempt: LogStart, waiting: Waiting, problem: Problem): boolean {
    if (problem.retry === 'never') {
      this.counts.refused += 1;
      this.#note(attempt, 'refused', problem.code, problem.detail, this.#times());
      return true;
    }
    this.#storeOffline(waiting);
    const outcome = isAboutCaller(problem.code) ? 'not_authenticated' : 'failed';
    this.#note(attempt, outcome, problem.code, problem.detail, this.#times());
    return false;
  }

  async #reissue(allowance: number, moment: Moment): Promise<void> {
    let left = Math.min(allowance, this.#waiting.length);
    while (left > 0) {
      const chunk = this.#waiting.slice(0, Math.min(left, LIMITS.reissueChunkInvoicesMax));
      const attempts = chunk.map(({ invoiceId }) => this.#attempt('reissue', invoiceId, moment));
      const ids = attempts.map(({ id }) => id).join(',');
      const invoices = chunk.map(({ jws }) => jws);
      const answer = await this.#door.post<ReissueAnswer>('/v1/reissues', { invoices }, { 'attempt-id': ids });
      if (!answer.ok) return this.#turnedAway(attempts, answer.problem);
      for (const [index, result] of answer.body.results.entries()) this.#took(attempts[index], result);
      this.#waiting.splice(0, chunk.length);
      left -= chunk.length;
    }
  }

  /** A late door that is busy is tried again later; anything else is a fault of the simulation. */
  #turnedAway(attempts: readonly LogStart[], { code, detail, retry }: Problem): void {
    if (retry === 'never') throw new Error(`a reissue of ${this.plan.terminalId} was refused: ${code}`);
    for (const attempt of attempts) this.#note(attempt, 'failed', code, detail, this.#times());
  }

  #took(attempt: LogStart | undefined, result: InvoiceResult): void {
    if (attempt === undefined) throw new Error('the server answered for an invoice that was not sent');
    if (result.result === 'deferred') throw new Error(`a waiting invoice was deferred: ${result.problem.code}`);
    if (result.result === 'refused') {
      // The faulty software's, after a lost answer: it is parked, and waits for nobody.
      this.counts.refused += 1;
      this.#note(attempt, 'refused', result.problem.code, result.problem.detail, this.#times());
      return;
    }
    if (result.result === 'issued') this.counts.reissued += 1;
    else this.counts.alreadyIssued += 1;
    this.#note(attempt, result.result, null, null, this.#times());
  }

  #sign(draft: SaleDraft, { timeMs, clockAheadMs }: Moment): { readonly invoice: Invoice; readonly jws: string } {
    this.#counter += 1;
    const { terminalId, premises } = this.plan;
    const tillTimeMs = timeMs + clockAheadMs;
    const invoice = invoiceOf(draft, {
      id: this.random.uuid(tillTimeMs),
      taxpayerId: premises.taxpayerId,
      premisesId: premises.premisesId,
      terminalId,
      journalId: this.#journalId,
      counter: this.#counter,
      previousDigest: this.#previousDigest,
      number: `${terminalId.slice('till-'.length)}-${String(this.#counter).padStart(6, '0')}`,
      issuedAt: new Date(tillTimeMs).toISOString(),
      clockOffsetMs: clockAheadMs + this.random.whole(-400, 400),
      clockOffsetAgeSeconds: this.random.whole(5, 900),
      businessDay: new Date(tillTimeMs).toISOString().slice(0, 'YYYY-MM-DD'.length),
      cashier: `Cashier ${this.random.whole(1, 4)}`,
      software: { name: 'Simulated till', version: this.#software },
    });
    const { jws, digest } = signInvoice(invoice, this.certified.key, this.certified.thumbprint);
    this.#previousDigest = digest;
    return { invoice, jws };
  }

  #attempt(door: DoorName, invoiceId: string, { timeMs, clockAheadMs }: Moment): LogStart {
    const at = timeMs + clockAheadMs;
    return { id: this.random.uuid(at), at: new Date(at).toISOString(), door, invoiceId };
  }

  #note(
    attempt: LogStart,
    outcome: LogEntry['outcome'],
    cause: string | null,
    detail: string | null,
    times: Times,
  ): void {
    this.#log.push({ ...attempt, outcome, cause, detail, address: 'https://tax.example:8443', ...times });
  }

  /** One sale in twelve comes after the kept connection was closed. */
  #times(answerMedianMs = 24): Times {
    const isNew = this.random.chance(1 / 12);
    const connectMs = isNew ? this.random.durationMs(14) : 0;
    const tlsMs = isNew ? this.random.durationMs(31) : 0;
    const answerMs = this.random.durationMs(answerMedianMs);
    return { connectMs, tlsMs, answerMs, totalMs: connectMs + tlsMs + answerMs + this.random.whole(2, 6) };
  }
}

type LogStart = Pick<LogEntry, 'id' | 'at' | 'door' | 'invoiceId'>;
type Times = Pick<LogEntry, 'connectMs' | 'tlsMs' | 'answerMs' | 'totalMs'>;

const NO_TIMES: Times = { connectMs: null, tlsMs: null, answerMs: null, totalMs: 4 };
