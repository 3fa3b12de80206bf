import type { Agent } from 'node:https';
import type { FailureCause } from '@tax-control/protocol';
import type { Clock } from '../clock.js';
import { type Exchange, exchange, type HttpAnswer, type HttpRequest, type Timings } from './exchange.js';
import type { Failure } from './failure-cause.js';
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
/** How long an address that worked goes before the preferred one: a server that restarts is back by then. */
const DETOUR_MS = 300_000;
/** How long a server that said goodbye is asked after all others: a restart takes some seconds. */
const LEAVING_MS = 10_000;
/** From here on, a server that answers is not itself, and another address may be better off (RFC 9110, 15.6). */
const SERVER_ERRORS = 500;

interface KeptConnection {
  readonly address: string;
  readonly agent: Agent;
  readonly certificate: string | null;
}

/**
 * The line to the server: one kept-open connection, several addresses. When one fails the next is tried within the
 * same bounds, the time for connecting shared among those that are left, so that a black hole leaves room for the others.
 * Every request must be one that may be sent twice (ARCHITECTURE, third principle).
 */
export class Line {
  #kept: KeptConnection | null = null;
  #idleTimer: NodeJS.Timeout | null = null;
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

  /** Closes the kept connection; a request that is under way goes on. */
  hangUp(): void {
    this.#stopIdleTimer();
    if (this.#kept !== null) this.#discard(this.#kept.agent);
    this.#kept = null;
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
    { connectMs, answerBy }: SendBounds & { readonly connectMs: number },
  ): Promise<Exchange> {
    const { clock } = this.options;
    const kept = this.#take(address);
    const first = await this.#over(kept ?? this.#connect(address), request, connectMs, answerBy);
    if (first.ok || !first.stale || this.#isClosed) return first;
    const left = connectMs - first.timings.totalMs;
    return this.#over(this.#connect(address), request, Math.max(left, 0), Math.max(answerBy, clock.monotonicMs()));
  }

  async #over(
    connection: KeptConnection,
    request: HttpRequest,
    connectMs: number,
    answerBy: number,
  ): Promise<Exchange> {
    const { clock } = this.options;
    const patience = { connectMs, answerMs: answerBy - clock.monotonicMs() };
    const result = await exchange(connection.address, request, { agent: connection.agent }, patience, clock);
    if (result.ok && !result.answer.isLast) this.#keep(connection);
    else this.#discard(connection.agent);
    return result;
  }

  #connect(address: string): KeptConnection {
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
  #take(address: string): KeptConnection | null {
    const kept = this.#kept;
    if (kept === null || kept.address !== address) return null;
    if (kept.certificate !== (this.options.credentials().identity?.certificate ?? null)) {
      this.hangUp();
      return null;
    }
    this.#stopIdleTimer();
    this.#kept = null;
    return kept;
  }

  #keep(connection: KeptConnection): void {
    if (this.#kept !== null || !this.#agents.has(connection.agent)) return this.#discard(connection.agent);
    this.#kept = connection;
    this.#idleTimer = setTimeout(() => this.hangUp(), this.options.idleMs ?? IDLE_MS).unref();
  }

  #discard(agent: Agent): void {
    this.#agents.delete(agent);
    agent.destroy();
  }

  #stopIdleTimer(): void {
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer);
    this.#idleTimer = null;
  }

  /** Order of trying: the kept connection's address, the one that worked lately, then as preferred; who said goodbye, last. */
  #order(): readonly string[] {
    const first = this.#kept?.address ?? this.#activeDetour();
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
