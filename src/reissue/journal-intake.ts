import { randomUUID, X509Certificate } from 'node:crypto';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import {
  certificateThumbprint,
  LIMITS,
  parseCode,
  parseCompactJws,
  parseJsonBytes,
  problem,
} from '@tax-control/protocol';
import type { Pool } from 'pg';
import { isIssuedToClient } from '../authentication/peer.js';
import type { SessionGuard } from '../database/session-guard.js';
import { isOutage } from '../database/sql-failure.js';
import { inTransaction, OutcomeUnknown } from '../database/transaction.js';
import type { ShownCertificates } from '../enrolment/shown-certificates.js';
import {
  keepResults,
  type LineResult,
  nextLines,
  reopenDeferred,
  type WaitingLine,
} from '../handed-journals/handed-invoice-store.js';
import {
  beginPass,
  type DueJournal,
  endPass,
  hadAllReceipts,
  forgetChecks,
  leaveJournals,
  postpone,
  refuseJournal,
  takeDueJournal,
} from '../handed-journals/intake-store.js';
import type { SendingTerminal } from '../issuance/authenticate-invoice.js';
import type { KeyRing } from '../keys/key-ring.js';
import { confirmHoldings } from '../ledger/holdings.js';
import type { Log } from '../observability/log.js';
import { Throttle } from '../observability/throttle.js';
import type { Parameters } from '../registry/parameters.js';
import { type TerminalDirectory, unfiledCertificate } from '../registry/terminal-directory.js';
import type { TerminalStatus } from '../registry/terminals.js';
import type { LateDoor } from './late-door.js';
import type { Restorations } from './restorations.js';

/** Between two looks for journals that are due, in milliseconds: an operator waits for the first word of it. */
const LOOK_MS = 1_000;
/** After each step it rests so many times as long as the step took: new sales have two thirds of the time for themselves. */
const PAUSE_SHARE = 2;
/** A journal that met an error nobody foresaw rests so long, and others have their turn; in seconds. */
const ERROR_REST_SECONDS = 30;
const COMPLAINT_INTERVAL_MS = 60_000;
const HOUR_MS = 3_600_000;

export interface JournalIntakeParts {
  readonly pool: Pool;
  readonly lateDoor: Pick<LateDoor, 'reissue' | 'foresee'>;
  readonly restorations: Pick<Restorations, 'restore' | 'foresee'>;
  readonly certificates: Pick<ShownCertificates, 'show'>;
  readonly directory: TerminalDirectory;
  readonly parameters: Parameters;
  readonly keys: Pick<KeyRing, 'authorities'>;
  readonly jumps: Pick<SessionGuard, 'lastJump'>;
  readonly log: Log;
}

/** What a step did; rest: nothing is to be done at once. */
type Step = 'more' | 'rest';

/**
 * Takes in the journals that operators handed in (docs/decisions/0047): an invoice with a receipt goes the way of restorations, one without through
 * the late door, in lists as a till's, with the same gates, so that sales go first. The terminal's status does not matter. Every result is kept
 * with its line before the next list; whatever ends the server, the next one goes on behind the last line that has a result.
 */
export class JournalIntake implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #worker = randomUUID();
  readonly #complaints = new Throttle(COMPLAINT_INTERVAL_MS);
  /** Journals whose certificates were looked at by this server. */
  readonly #prepared = new Set<number>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;
  #forgottenAtMs = -Infinity;

  constructor(
    private readonly parts: JournalIntakeParts,
    /** Milliseconds between two looks. */
    public lookMs = LOOK_MS,
  ) {}

  onApplicationBootstrap(): void {
    this.#wait(this.lookMs);
  }

  /** Lets the list that is under way end; another server goes on at once. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
    await leaveJournals(this.parts.pool, this.#worker).catch(() => undefined);
  }

  #wait(ms: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      const beganMs = performance.now();
      this.#running = this.#run().then((step) =>
        this.#wait(step === 'more' ? PAUSE_SHARE * (performance.now() - beganMs) : this.lookMs),
      );
    }, ms).unref();
  }

  /** One list. Never rejects: an outage ends some time, and nothing is lost by waiting. */
  async #run(): Promise<Step> {
    let journal: DueJournal | null = null;
    try {
      await this.#forgetChecks();
      journal = await takeDueJournal(this.parts.pool, this.#worker);
      return journal === null ? 'rest' : await this.#step(journal);
    } catch (error) {
      const suppressed = this.#complaints.pass('intake');
      const facts = { handedId: journal?.handedId ?? null, suppressed };
      if (suppressed !== null) this.parts.log.error('a journal that was handed in could not be taken in', facts, error);
      if (journal !== null && !isPassing(error))
        await postpone(this.parts.pool, journal.handedId, ERROR_REST_SECONDS).catch(() => undefined);
      return 'rest';
    }
  }

  async #forgetChecks(): Promise<void> {
    if (performance.now() - this.#forgottenAtMs < HOUR_MS) return;
    await forgetChecks(this.parts.pool);
    this.#forgottenAtMs = performance.now();
  }

  async #step(journal: DueJournal): Promise<Step> {
    const { pool, directory, parameters, log } = this.parts;
    const { handedId, terminalId, isCheck } = journal;
    if (journal.state === 'deferred')
      await inTransaction(pool, async (client) => {
        await beginPass(client, handedId);
        await reopenDeferred(client, handedId);
      });
    const filed = await directory.byIdNow(terminalId);
    if (filed === null) throw new Error(`the terminal ${terminalId} of a journal is not registered`);
    const terminal = isCheck ? this.#withUnfiled(filed, journal) : filed;
    if (!this.#prepared.has(handedId)) {
      if (!isCheck && !(await this.#showCertificates(journal))) return 'rest';
      if (!(await isAnySignerKnown(terminal, journal.signers))) {
        await refuseJournal(pool, handedId, 'signed_elsewhere');
        log.warn('a journal that was handed in is of no authority of this installation', { handedId, terminalId });
        return 'more';
      }
      this.#prepared.add(handedId);
    }
    const { threshold } = await parameters.current();
    const count = Math.min(threshold, LIMITS.reissueChunkInvoicesMax);
    const lines = await nextLines(pool, handedId, { count, characters: LIMITS.reissueChunkBytesMax });
    if (lines.length === 0) {
      await this.#end(journal, filed.status);
      return 'more';
    }
    const results = await this.#resultsOf(lines, terminal, isCheck);
    if (results === null) return 'rest';
    await keepResults(pool, handedId, results);
    return 'more';
  }

  /** A revoked till gets no more receipts: when all of its journal are on file, nothing of it is missing after a restore. */
  async #end({ handedId, terminalId, isCheck }: DueJournal, status: TerminalStatus): Promise<void> {
    const { pool, log, jumps } = this.parts;
    const { lastJump } = jumps;
    // Before the journal's end: a server that is killed between the two does it once more.
    if (!isCheck && status === 'revoked' && lastJump !== null && (await hadAllReceipts(pool, handedId)))
      await confirmHoldings(pool, terminalId, lastJump);
    const state = await endPass(pool, handedId);
    this.#prepared.delete(handedId);
    if (!isCheck) log.info('a journal that was handed in was gone through', { handedId, terminalId, state });
  }

  /**
   * Puts those on file that the database has forgotten, and that an authority of this server issued to this terminal.
   * @returns whether all were looked at; else the same again later
   */
  async #showCertificates({ terminalId, certificates }: DueJournal): Promise<boolean> {
    for (const der of certificates) {
      const answer = await this.parts.certificates.show(terminalId, der.toString('base64'), null);
      if ('code' in answer && answer.retry !== 'never') return false;
    }
    return true;
  }

  /** For a dry run, which stores nothing: what would be known of the terminal then. */
  #withUnfiled(filed: SendingTerminal, { certificates }: DueJournal): SendingTerminal {
    const own = certificates
      .filter((der) => isIssuedToClient(new X509Certificate(der), this.parts.keys.authorities()))
      .map((der) => [certificateThumbprint(new X509Certificate(der)), unfiledCertificate(der)] as const);
    return { ...filed, certificates: new Map([...own, ...filed.certificates]) };
  }

  /** @returns null: the doors are busy; the same again later */
  async #resultsOf(
    lines: readonly WaitingLine[],
    terminal: SendingTerminal,
    isCheck: boolean,
  ): Promise<LineResult[] | null> {
    try {
      return await (isCheck ? this.#foresee(lines, terminal) : this.#take(lines, terminal));
    } catch (error) {
      if (isPassing(error)) throw error;
      const [first] = lines;
      if (lines.length === 1 && first !== undefined) {
        this.parts.log.error(
          'an invoice of a journal that was handed in could not be judged',
          { line: first.line },
          error,
        );
        return [resultOf(first, { result: 'deferred', problem: problem('internal_error') })];
      }
    }
    // One of them keeps the others from their results no longer.
    const results: LineResult[] = [];
    for (const line of lines) {
      const alone = await this.#resultsOf([line], terminal, isCheck);
      if (alone === null) break;
      results.push(...alone);
    }
    return results.length === 0 ? null : results;
  }

  /** A list of those with a receipt, or of those without. */
  async #take(lines: readonly WaitingLine[], terminal: SendingTerminal): Promise<LineResult[] | null> {
    const { restorations, lateDoor } = this.parts;
    const items = lines.flatMap(({ invoice, receipt }) => (receipt === null ? [] : [{ invoice, receipt }]));
    const texts = lines.map(({ invoice }) => invoice);
    const answer =
      items.length > 0 ? await restorations.restore(items, terminal) : await lateDoor.reissue(texts, terminal, null);
    if (!('results' in answer)) return null;
    return lines.map((line, index) => {
      const result = answer.results[index];
      if (result === undefined) throw new Error('a door gave no result for an invoice');
      return resultOf(line, result);
    });
  }

  async #foresee(lines: readonly WaitingLine[], terminal: SendingTerminal): Promise<LineResult[]> {
    const { restorations, lateDoor } = this.parts;
    const results: LineResult[] = [];
    for (const line of lines) {
      const { invoice, receipt } = line;
      const foreseen =
        receipt === null
          ? await lateDoor.foresee(invoice, terminal)
          : await restorations.foresee({ invoice, receipt }, terminal);
      results.push(resultOf(line, foreseen));
    }
    return results;
  }
}

/** What a door said of an invoice; a foreseen result has neither receipt nor warnings. */
type Said = Pick<LineResult, 'result'> & {
  readonly receipt?: string;
  readonly warnings?: readonly { readonly code: string }[];
  readonly problem?: LineResult['problem'];
};

function resultOf({ line, receipt: held }: WaitingLine, said: Said): LineResult {
  const { result, warnings = [], problem: why = null } = said;
  const receipt = said.receipt ?? held;
  const code = why !== null || receipt === null ? null : codeOf(receipt);
  return { line, result, code, warnings: warnings.map((warning) => warning.code), problem: why };
}

/** Of a receipt that was checked. */
function codeOf(receipt: string): string | null {
  const payload = parseCompactJws(receipt)?.payload;
  const facts = (payload && parseJsonBytes(payload)?.value) as { readonly code?: unknown } | undefined;
  return typeof facts?.code === 'string' && parseCode(facts.code) !== null ? facts.code : null;
}

/** Of one of its certificates on file, or of a journal without any readable signature, which the doors judge line by line. */
async function isAnySignerKnown(
  { certificates, olderCertificate }: SendingTerminal,
  signers: readonly string[],
): Promise<boolean> {
  if (signers.length === 0) return true;
  for (const signer of signers) {
    if (certificates.has(signer)) return true;
    const older = await olderCertificate(signer);
    if (older !== null && older !== 'of_other_terminal') return true;
  }
  return false;
}

/** The database is away, or did not say what became of a commit: the same again finds out. */
function isPassing(error: unknown): boolean {
  return error instanceof OutcomeUnknown || isOutage(error);
}
