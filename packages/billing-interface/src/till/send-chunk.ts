import { randomUUID } from 'node:crypto';
import type { FailureCause, ReissueAnswer } from '@tax-control/protocol';
import type { AttemptStart } from '../journal/attempt-store.js';
import type { JournalEntry } from '../journal/entries.js';
import { isPerhapsTooMuch } from '../sender/failure-cause.js';
import type { SendBounds } from '../sender/line.js';
import type { CallFailure } from '../sender/read-answer.js';
import type { CallResult } from '../sender/server-calls.js';
import { CertificateShower } from './certificate-shower.js';
import { noticeFork } from './journal-watch.js';
import type { Miss } from './result-keeper.js';
import type { TillParts } from './till-parts.js';
import { judgeResult, type Verdict } from './verdict.js';

/** Sum of what became of entries. */
export type Tally = { -readonly [K in 'issued' | 'alreadyIssued' | 'refused' | 'deferred']: number };

export function emptyTally(): Tally {
  return { issued: 0, alreadyIssued: 0, refused: 0, deferred: 0 };
}

/**
 * `answered`: each invoice has its result, and `allowance` is what the server takes next; `again`: it knows a certificate now that it did not
 * know, so the same invoices are worth sending once more; `stalled`: it took none for now.
 */
export type ChunkEnd =
  | { readonly end: 'answered'; readonly allowance: number; readonly again: boolean }
  | { readonly end: 'stalled'; readonly cause: FailureCause }
  | {
      readonly end: 'failed';
      readonly failure: CallFailure;
      /** Whether fewer bytes might have got through: the connection was there, and broke or brought nothing. */
      readonly isPerhapsTooMuch: boolean;
      /** When it began, on the monotonic clock. */
      readonly began: number;
    };

type Answered = Extract<CallResult<ReissueAnswer>, { ok: true }>;
type Failed = Extract<CallResult<ReissueAnswer>, { ok: false }>;

interface Tried {
  readonly entry: JournalEntry;
  readonly attempt: AttemptStart;
}

/** Milliseconds to ask for the parameters, when a receipt is signed by a key that they do not list. */
const PARAMETERS_MS = 5_000;

/** One call of the late door: written down before, and each result after. Runs on the lane that its caller has. */
export class ChunkSender {
  readonly #certificates: CertificateShower;

  constructor(
    private readonly parts: TillParts,
    private readonly fetchParameters: (until: number) => Promise<void>,
    /** Decides whether a result can be believed. Only a till of a load generator has another one. */
    private readonly judge: typeof judgeResult = judgeResult,
  ) {
    this.#certificates = new CertificateShower(parts);
  }

  async send(entries: readonly JournalEntry[], bounds: SendBounds, tally: Tally): Promise<ChunkEnd> {
    const { clock, journal, lineState, onStep, underWay } = this.parts;
    const at = this.parts.shopTime.local(clock.now());
    const tried = entries.map((entry): Tried => {
      return { entry, attempt: { id: randomUUID(), at, door: 'reissue', invoiceId: entry.invoiceId } };
    });
    journal.transaction(() => {
      for (const { attempt } of tried) journal.attempts.begin(attempt);
    });
    onStep('chunk_written');
    const ids = entries.map(({ invoiceId }) => invoiceId);
    const end = await underWay.track(ids, this.#exchange(tried, bounds, tally));
    if (end.end === 'answered') lineState.worked();
    else if (end.end === 'failed' && !end.isPerhapsTooMuch) lineState.failedInBackground(end.failure, end.began);
    return end;
  }

  async #exchange(tried: readonly Tried[], bounds: SendBounds, tally: Tally): Promise<ChunkEnd> {
    const invoices = tried.map(({ entry }) => entry.jws);
    const attemptIds = tried.map(({ attempt }) => attempt.id);
    const began = this.parts.clock.monotonicMs();
    const result = await this.parts.calls.reissue(invoices, attemptIds, bounds, this.parts.holdings.claim());
    this.parts.onStep('chunk_answered');
    if (result.ok) return this.#keepAll(tried, result, tally);
    this.#keepMisses(tried, result);
    const { failure, passage } = result;
    return { end: 'failed', failure, isPerhapsTooMuch: isPerhapsTooMuch(failure, passage), began };
  }

  async #keepAll(tried: readonly Tried[], { value, passage }: Answered, tally: Tally): Promise<ChunkEnd> {
    const { holdings, journal, keeper } = this.parts;
    const verdicts = await this.#judgeAll(tried, value);
    journal.tryTransaction(() => {
      for (const [index, { entry, attempt }] of tried.entries()) {
        const verdict = verdicts[index];
        if (verdict === undefined) continue;
        keeper.keep(entry, attempt.id, verdict, passage, 'feed');
        count(tally, verdict);
      }
    });
    const last = tried.at(-1)?.entry;
    const warnings = verdicts.flatMap((verdict) => (verdict.kind === 'issued' ? verdict.warnings : []));
    if (last !== undefined) noticeFork(journal, last, value, warnings);
    holdings.notice(value);
    const cause = stallOf(verdicts);
    if (cause === 'server_behind') holdings.doubt();
    if (cause !== null) return { end: 'stalled', cause };
    const unknownSigners = tried.filter((_, index) => isSignerUnknown(verdicts[index]));
    const again = await this.#certificates.show(unknownSigners.map(({ entry }) => entry.jws));
    return { end: 'answered', allowance: value.allowance, again };
  }

  /** Receipts that cannot be believed may only be signed by a newer key: the parameters are asked once. */
  async #judgeAll(tried: readonly Tried[], { results }: ReissueAnswer): Promise<Verdict[]> {
    const judge = (): Verdict[] => {
      const keys = this.parts.shelf.current?.trustedKeys ?? [];
      return tried.flatMap(({ entry }, index) => {
        const result = results[index];
        return result === undefined ? [] : [this.judge(entry, result, keys)];
      });
    };
    const verdicts = judge();
    if (!verdicts.some(({ kind }) => kind === 'unbelievable')) return verdicts;
    await this.fetchParameters(this.parts.clock.monotonicMs() + PARAMETERS_MS);
    return judge();
  }

  #keepMisses(tried: readonly Tried[], { failure, passage }: Failed): void {
    const miss: Miss = { ...failure, class: blame(failure, tried.length) };
    this.parts.journal.tryTransaction(() => {
      for (const { entry, attempt } of tried) this.parts.keeper.keepMiss(entry, attempt.id, miss, passage);
    });
  }
}

/** Only an invoice that was sent alone is to blame for a failure that is no outage. */
function blame({ class: failureClass, cause }: CallFailure, sent: number): Miss['class'] {
  if (failureClass === 'own' && (sent > 1 || cause === 'over_threshold')) return 'outage';
  return failureClass;
}

/** Why a server that answered took nothing at all; null when it took something. */
function stallOf(verdicts: readonly Verdict[]): FailureCause | null {
  const [first] = verdicts;
  const isStalled = verdicts.every((verdict) => verdict.kind === 'deferred' && verdict.class === 'outage');
  return isStalled && first?.kind === 'deferred' ? first.problem.code : null;
}

function isSignerUnknown(verdict: Verdict | undefined): boolean {
  return verdict?.kind === 'deferred' && verdict.problem.code === 'signer_unknown';
}

function count(tally: Tally, verdict: Verdict): void {
  if (verdict.kind === 'issued') tally[verdict.already ? 'alreadyIssued' : 'issued'] += 1;
  else if (verdict.kind === 'refused') tally.refused += 1;
  else tally.deferred += 1;
}
