import { randomUUID } from 'node:crypto';
import { digestOf, type InvoiceResult, parseCompactJws, readStoredInvoice, systemClock } from '@tax-control/protocol';
import type { SaleResult } from '../api.js';
import { TrustedAuthorities } from '../enrolment/trusted-authorities.js';
import type { JournalEntry } from '../journal/entries.js';
import type { Journal } from '../journal/journal.js';
import { ParameterShelf } from '../parameters/parameter-shelf.js';
import { Circuit, CIRCUIT_PACE } from '../sender/circuit.js';
import { classOfCause } from '../sender/failure-cause.js';
import { type Credentials, Line } from '../sender/line.js';
import { ServerCalls } from '../sender/server-calls.js';
import { ClockWatch } from '../till/clock-watch.js';
import { Drainer } from '../till/drainer.js';
import { HoldingsWatch } from '../till/holdings-watch.js';
import { Housekeeper, type HousekeeperTasks } from '../till/housekeeper.js';
import { Lane } from '../till/lane.js';
import { LineState } from '../till/line-state.js';
import { LogUploader } from '../till/log-uploader.js';
import { TILL_PACE } from '../till/pace.js';
import { ParameterFetcher } from '../till/parameter-fetcher.js';
import { Reissuer } from '../till/reissuer.js';
import { Restorer } from '../till/restorer.js';
import { ResultKeeper } from '../till/result-keeper.js';
import { ChunkSender } from '../till/send-chunk.js';
import { SaleSender } from '../till/send-sale.js';
import { ServerWatch } from '../till/server-watch.js';
import { Standing } from '../till/standing.js';
import type { TillParts } from '../till/till-parts.js';
import { UnderWay } from '../till/under-way.js';
import type { Verdict } from '../till/verdict.js';
import { MemoryJournal, type SignedFacts } from './memory-journal.js';

export interface LightTillOptions {
  readonly keyPem: string;
  readonly certificatePem: string;
  readonly authorityPem: string;
  /** Base URL of the server. */
  readonly address: string;
  /** Signed parameters as an earlier till has learned them; null: this till asks for them. */
  readonly parameters: KnownParameters | null;
  /** Hears of bugs. */
  readonly onError: (error: unknown) => void;
}

export interface KnownParameters {
  /** Compact JWS. */
  readonly jws: string;
  readonly etag: string | null;
}

/** What the MIS hears of a sale. `cause`: why it has no code; null: it has one. */
export interface LightSale {
  readonly cause: string | null;
}

const PARAMETERS_MS = 10_000;
/** How old parameters are after an outage: the till asks for newer ones. */
const OUTAGE_MS = 8 * 3_600_000;
const CODE_MEMBER = '"code":"';
const CODE_LENGTH = 20;
const PACE = { ...CIRCUIT_PACE, ...TILL_PACE };

/**
 * A till for load generators: the real parts decide what goes to the server, when, in which order and after which pauses. It has no
 * disk, it gets its invoices signed, and it does not verify the receipts of what waited. These three take processor time that a shop's own
 * machine has, and that the load generator would take from the server.
 */
export class LightTill {
  readonly #journal = new MemoryJournal();
  readonly #parts: TillParts;
  readonly #line: Line;
  readonly #sender: SaleSender;
  readonly #drainer: Drainer;
  readonly #housekeeper: Housekeeper;
  readonly #parameters: ParameterFetcher;

  constructor(options: LightTillOptions) {
    const { keyPem: key, certificatePem: certificate, authorityPem, address } = options;
    // The senders use nothing of a journal that this one has not.
    const journal = this.#journal as unknown as Journal;
    const clock = systemClock;
    const authorities = new TrustedAuthorities(authorityPem);
    const shelf = new ParameterShelf(journal, authorities, clock);
    const credentials = (): Credentials => ({ identity: { key, certificate }, authority: authorityPem });
    const addresses = (): readonly string[] => [address];
    this.#line = new Line({ credentials, addresses, clock });
    const standing = new Standing(journal, clock);
    const clockWatch = new ClockWatch(journal, authorities, clock, () => shelf.current?.publishedAt ?? null);
    const circuit: Circuit = new Circuit({
      probe: () => serverWatch.ask(),
      onClosed: () => this.#housekeeper.returned(),
    });
    const parts = {
      clock,
      journal,
      shelf,
      calls: new ServerCalls(this.#line),
      rate: this.#line.rate,
      circuit,
      lineState: new LineState(circuit, standing, clockWatch, clock),
      standing,
      clockWatch,
      holdings: new HoldingsWatch(journal, clock),
      shopTime: { local: (milliseconds: number) => new Date(milliseconds).toISOString() },
      keeper: new ResultKeeper(journal, clock),
      answers: { answer: toldOf },
      lane: new Lane(),
      underWay: new UnderWay(),
      onStep: () => undefined,
      onError: options.onError,
    };
    this.#parts = parts as unknown as TillParts;
    const serverWatch = new ServerWatch(this.#parts, { credentials, addresses });
    this.#parameters = new ParameterFetcher(this.#parts);
    const fetchParameters = async (until: number): Promise<void> => void (await this.#parameters.fetch(until));
    const reissuer = new Reissuer(
      this.#parts,
      new ChunkSender(this.#parts, fetchParameters, judgeLightly),
      fetchParameters,
    );
    const restorer = new Restorer(this.#parts, PACE.holdingsMs);
    this.#drainer = new Drainer(
      this.#parts,
      restorer,
      reissuer,
      new LogUploader(this.#parts),
      () => this.#housekeeper.soon(),
      (retryAfterMs) => this.#housekeeper.busy(retryAfterMs),
    );
    this.#housekeeper = new Housekeeper(
      this.#parts,
      {
        drainer: this.#drainer,
        parameters: this.#parameters,
        serverWatch,
        lostJournals: { fetch: () => Promise.resolve() },
        renewer: { renewIfDue: () => Promise.resolve() },
      } as unknown as HousekeeperTasks,
      PACE,
    );
    this.#sender = new SaleSender(this.#parts, {
      online: (allowance) => this.#drainer.afterSale(allowance),
      reissueOne: (entry, until) => reissuer.sendOne(entry, until),
      fetchParameters,
    });
    if (options.parameters === null) return;
    shelf.takeFromServer(options.parameters.jws, options.parameters.etag);
    this.#journal.settings.set('parameters_checked_at', String(clock.now() - OUTAGE_MS));
  }

  /** How many invoices have no code. */
  get waiting(): number {
    return this.#journal.invoices.waitingCount;
  }

  /** Attempts that brought no code, by door and cause, such as `reissue server_busy`. */
  get failures(): ReadonlyMap<string, number> {
    return this.#journal.attempts.failures;
  }

  /** Asks the server for the parameters. @throws Error the server did not answer */
  async learn(): Promise<KnownParameters> {
    await this.#parameters.fetch(this.#parts.clock.monotonicMs() + PARAMETERS_MS);
    const jws = this.#journal.settings.get('parameters');
    if (jws === null) throw new Error('The server told a till no parameters.');
    return { jws, etag: this.#journal.settings.get('parameters_etag') };
  }

  /** Keeps an invoice (compact JWS) that was signed while the line was down, with the entry of the log that says so. */
  storeOffline(jws: string): void {
    const { entry, attemptId } = this.#append(jws);
    const miss = { cause: 'circuit_open', detail: null, class: classOfCause('circuit_open') } as const;
    const opener = { cause: 'connection_refused', detail: null } as const;
    this.#parts.keeper.keepUntried(entry, attemptId, miss, opener, null);
  }

  /** What a till does when it is opened: it looks after what waits, in its time. */
  open(): void {
    this.#housekeeper.returned();
  }

  /** Sends a sale (compact JWS) within the deadline of the parameters; afterwards, what waits. */
  async sell(jws: string): Promise<LightSale> {
    const began = this.#parts.clock.monotonicMs();
    const deadlineMs = this.#parts.shelf.current?.deadlineMs;
    if (deadlineMs === undefined) throw new Error('A till without parameters sells nothing.');
    const { entry, attemptId } = this.#append(jws);
    const attempt = { id: attemptId, at: this.#now(), door: 'issue', invoiceId: entry.invoiceId } as const;
    const answer = await this.#sender.send(entry, attempt, began + deadlineMs);
    if (answer.result === 'refused') throw new Error(`The server refused a sale: ${answer.problem.code}`);
    return { cause: answer.result === 'stored_offline' ? answer.cause : null };
  }

  /** Sends all that waits, now. */
  async drain(): Promise<void> {
    await this.#drainer.drain();
  }

  /** Every invoice of this till, as lines of an export. */
  *exported(): Generator<string> {
    for (const { state, jws: invoice, receipt, cause } of this.#journal.invoices.all)
      yield JSON.stringify({ kind: 'invoice', state, invoice, ...(receipt !== null && { receipt }), cause });
  }

  async close(): Promise<void> {
    this.#parts.circuit.end();
    await Promise.all([this.#housekeeper.end(), this.#drainer.idle(), this.#parts.lane.idle()]);
    this.#line.close();
  }

  #append(jws: string): { readonly entry: JournalEntry; readonly attemptId: string } {
    const attemptId = randomUUID();
    const signed = factsOf(jws);
    const entry = this.#journal.append(signed, {
      id: attemptId,
      at: this.#now(),
      door: 'issue',
      invoiceId: signed.invoiceId,
    });
    return { entry, attemptId };
  }

  #now(): string {
    return new Date(this.#parts.clock.now()).toISOString();
  }
}

function factsOf(jws: string): SignedFacts {
  const payload = parseCompactJws(jws)?.payload;
  if (payload === undefined) throw new Error('A till got something else than a signed invoice.');
  const { id, counter } = readStoredInvoice(payload);
  return { invoiceId: id, counter, jws, digest: digestOf(payload) };
}

/** Enough of an answer for who counts codes. */
function toldOf({ state, cause, problem }: JournalEntry): SaleResult {
  const results = { issued: 'issued', waiting: 'stored_offline', refused: 'refused' } as const;
  return { result: results[state], cause, problem } as unknown as SaleResult;
}

/** Takes a receipt for what it says: the audit verifies it in the end. */
function judgeLightly(_entry: JournalEntry, result: InvoiceResult): Verdict {
  if (result.result === 'refused') throw new Error(`The server refused what waited: ${result.problem.code}`);
  if (result.result === 'deferred')
    return { kind: 'deferred', problem: result.problem, class: classOfCause(result.problem.code) };
  const { receipt, warnings } = result;
  const payload = Buffer.from(receipt.slice(receipt.indexOf('.') + 1, receipt.lastIndexOf('.')), 'base64url');
  const at = payload.indexOf(CODE_MEMBER) + CODE_MEMBER.length;
  const code = payload.toString('latin1', at, at + CODE_LENGTH);
  return { kind: 'issued', already: result.result === 'already_issued', receipt, code, warnings };
}
