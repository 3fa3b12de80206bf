import type { Agent } from 'node:https';
import type { Clock, FailureCause } from '@tax-control/protocol';
import { type Exchange, exchange, type HttpAnswer, type HttpRequest, type Timings } from './exchange.js';
import type { Failure } from './failure-cause.js';
import { LineRate } from './line-rate.js';
import { ResumingAgent, TlsSessions } from './resuming-agent.js';

/** What the till shows of itself and whom it believes. PEM texts. */
export interface Credentials {
  /** Null before enrolment: nothing is shown then. */
  readonly identity: { readonly key: string; readonly certificate: string } | null;
  /** The authorities that are believed, in PEM; no other is. */
  readonly authority: string;
}

/** Points of the monotonic clock. After `connectBy` no connection is tried any more; `answerBy` ends the waiting. */
export interface SendBounds {
  readonly connectBy: number;
  readonly answerBy: number;
  /**
   * Of what nobody waits for: it goes no faster than the line, and before each piece this resolves when nobody has to go
   * first. The time until `answerBy` begins anew with each piece, of the request or of its answer.
   */
  readonly giveWay?: () => Promise<void>;
}

export interface Passage extends Timings {
  /** The address that was tried last; null when none is known. */
  readonly address: string | null;
}

export type SendResult = { readonly passage: Passage } & (
  { readonly ok: true; readonly answer: HttpAnswer } | { readonly ok: false; readonly failure: Failure }
);

export interface LineOptions {
  readonly credentials: () => Credentials;
  /** Base URLs in order of preference; asked anew for each connection, so that parameters take effect at once. */
  readonly addresses: () => readonly string[];
  readonly clock: Clock;
  /** Milliseconds that an unused connection is kept open. */
  readonly idleMs?: number;
}

/** The server decides whether it takes 1.2; nothing older is ever spoken. */
export const TLS_VERSION_MIN = 'TLSv1.2';
/** Longer than the pause between two customers at a busy till, shorter than servers keep a connection. */
const IDLE_MS = 30_000;
/** One for the sales, and one for what goes on beside them on a slow line. */
const KEPT_MAX = 2;
/** How long an address that worked goes before the preferred one: a server that restarts is back by then. */
const DETOUR_MS = 300_000;
/** How long a server that said goodbye is asked after all others: a restart takes some seconds. */
const LEAVING_MS = 10_000;
/** From here on, a server that answers is not itself, and another address may be better off (RFC 9110, 15.6). */
const SERVER_ERRORS = 500;

interface Connection {
  readonly address: string;
  readonly agent: Agent;
  readonly certificate: string | null;
}

interface KeptConnection extends Connection {
  readonly idleTimer: NodeJS.Timeout;
}

/**
 * The line to the server: a connection that is kept open, several addresses. When one fails the next is tried within the
 * same bounds, the time for connecting shared among those that are left, so that a black hole leaves room for the others.
 * Every request must be one that may be sent twice (ARCHITECTURE, third principle).
 */
export class Line {
  /** What this line carries. */
  readonly rate = new LineRate();
  #kept: readonly KeptConnection[] = [];
  #detour: { readonly address: string; readonly until: number } | null = null;
  #leaving: { readonly address: string; readonly until: number } | null = null;
  readonly #agents = new Set<Agent>();
  readonly #sessions = new TlsSessions();
  #isClosed = false;

  constructor(private readonly options: LineOptions) {}

  async send(request: HttpRequest, bounds: SendBounds): Promise<SendResult> {
    if (this.#isClosed) return nowhere('connection_reset', 'The till was closed.');
    const began = this.options.clock.monotonicMs();
    const addresses = this.#order();
    const failures: string[] = [];
    let last: SendResult | null = null;
    for (const [index, address] of addresses.entries()) {
      const left = bounds.connectBy - this.options.clock.monotonicMs();
      if (last !== null && (left <= 0 || this.#isClosed)) break;
      const tried = await this.#tryAddress(address, request, {
        ...bounds,
        connectMs: left / (addresses.length - index),
      });
      this.#measure(request, tried);
      const passage = { ...tried.timings, totalMs: Math.round(this.options.clock.monotonicMs() - began), address };
      if (tried.ok) {
        last = { ok: true, answer: tried.answer, passage };
        if (tried.answer.isLast) this.#leaving = { address, until: this.options.clock.monotonicMs() + LEAVING_MS };
        if (tried.answer.status < SERVER_ERRORS) {
          this.#remember(address);
          return last;
        }
        failures.push(`${address}: HTTP ${tried.answer.status}`);
        // Another address may be better off; the connection that is kept shall be the one that works.
        if (index < addresses.length - 1) this.hangUp();
      } else {
        failures.push(`${address}: ${tried.failure.detail ?? tried.failure.cause}`);
        last = { ok: false, failure: { ...tried.failure, detail: failures.join('; ') }, passage };
      }
    }
    return last ?? nowhere('unknown', 'The till knows no address of a server.');
  }

  /** Closes what is kept; a request that is under way goes on. */
  hangUp(): void {
    for (const { agent, idleTimer } of this.#kept) {
      clearTimeout(idleTimer);
      this.#discard(agent);
    }
    this.#kept = [];
  }

  /** Ends everything, also requests that are under way; none is made after it. */
  close(): void {
    this.#isClosed = true;
    this.hangUp();
    for (const agent of this.#agents) this.#discard(agent);
  }

  /** A kept connection is tried first; when the other side had closed it meanwhile, a fresh one is made. */
  async #tryAddress(
    address: string,
    request: HttpRequest,
    bounds: SendBounds & { readonly connectMs: number },
  ): Promise<Exchange> {
    const kept = this.#take(address);
    const first = await this.#over(kept ?? this.#connect(address), request, bounds);
    if (first.ok || !first.stale || this.#isClosed) return first;
    // What else is kept was closed with it.
    this.hangUp();
    const connectMs = Math.max(bounds.connectMs - first.timings.totalMs, 0);
    return this.#over(this.#connect(address), request, { ...bounds, connectMs });
  }

  async #over(
    connection: Connection,
    request: HttpRequest,
    { connectMs, answerBy, giveWay }: SendBounds & { readonly connectMs: number },
  ): Promise<Exchange> {
    const { clock } = this.options;
    const answerMs = Math.max(answerBy - clock.monotonicMs(), 0);
    const pace = giveWay && { bytesPerSecond: this.rate.proven, giveWay };
    const patience = { connectMs, answerMs, ...(pace && { pace }) };
    const result = await exchange(connection.address, request, { agent: connection.agent }, patience, clock);
    if (result.ok && !result.answer.isLast) this.#keep(connection);
    else this.#discard(connection.agent);
    return result;
  }

  /** Takes from an exchange what it says of the line. */
  #measure({ body = '' }: HttpRequest, { timings, steppedBackMs, ...result }: Exchange): void {
    if (timings.answerMs === null) return;
    const serverMs = result.ok ? result.answer.serverMs : 0;
    const ms = timings.answerMs - steppedBackMs - serverMs;
    // An answer before the end of the request says nothing about the rest.
    if (result.ok && result.answer.isLast) return;
    if (result.ok) this.rate.took(Buffer.byteLength(body), ms);
    else if (result.failure.cause === 'answer_timeout') this.rate.overran(Buffer.byteLength(body), ms);
  }

  #connect(address: string): Connection {
    const { identity, authority } = this.options.credentials();
    const shown = identity && { key: identity.key, cert: identity.certificate };
    const sessions = this.#sessions.for(`${identity?.certificate}${authority}`);
    const agent = new ResumingAgent(
      { keepAlive: true, maxSockets: 1, ca: authority, minVersion: TLS_VERSION_MIN, ...shown },
      address,
      sessions,
    );
    this.#agents.add(agent);
    return { address, agent, certificate: identity?.certificate ?? null };
  }

  /** While a connection is in use it is nobody else's: a second request meanwhile makes one of its own. */
  #take(address: string): Connection | null {
    const shown = this.options.credentials().identity?.certificate ?? null;
    if (this.#kept.some(({ certificate }) => certificate !== shown)) this.hangUp();
    const taken = this.#kept.find((kept) => kept.address === address);
    if (taken === undefined) return null;
    clearTimeout(taken.idleTimer);
    this.#kept = this.#kept.filter((kept) => kept !== taken);
    return taken;
  }

  #keep({ address, agent, certificate }: Connection): void {
    if (this.#kept.length >= KEPT_MAX || !this.#agents.has(agent)) return this.#discard(agent);
    const idleTimer = setTimeout(() => {
      this.#kept = this.#kept.filter((kept) => kept.agent !== agent);
      this.#discard(agent);
    }, this.options.idleMs ?? IDLE_MS).unref();
    this.#kept = [...this.#kept, { address, agent, certificate, idleTimer }];
  }

  #discard(agent: Agent): void {
    this.#agents.delete(agent);
    agent.destroy();
  }

  /** Order of trying: the kept connection's address, the one that worked lately, then as preferred; who said goodbye, last. */
  #order(): readonly string[] {
    const first = this.#kept[0]?.address ?? this.#activeDetour();
    const leaving = this.#activeLeaving();
    // Goodbye weighs more than having worked lately: mostly it is said by the one that did.
    const rank = (address: string): number => (address === leaving ? 2 : 0) - (address === first ? 1 : 0);
    return [...new Set(this.options.addresses())].sort((one, other) => rank(one) - rank(other));
  }

  #activeLeaving(): string | null {
    return this.#leaving !== null && this.#leaving.until > this.options.clock.monotonicMs()
      ? this.#leaving.address
      : null;
  }

  #activeDetour(): string | null {
    return this.#detour !== null && this.#detour.until > this.options.clock.monotonicMs() ? this.#detour.address : null;
  }

  /** A detour is not prolonged by its use: the preferred address is tried again when it is over. */
  #remember(address: string): void {
    if (this.options.addresses()[0] === address) this.#detour = null;
    else if (this.#activeDetour() !== address)
      this.#detour = { address, until: this.options.clock.monotonicMs() + DETOUR_MS };
  }
}

function nowhere(cause: FailureCause, detail: string): SendResult {
  return {
    ok: false,
    failure: { cause, class: 'outage', detail },
    passage: { address: null, connectMs: null, tlsMs: null, answerMs: null, totalMs: 0 },
  };
}
