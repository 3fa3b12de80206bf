import type { Duplex } from 'node:stream';
import { Agent, type AgentOptions } from 'node:https';
import { TLSSocket } from 'node:tls';

/**
 * TLS sessions that a server would resume, by everything that a session proves: the address, who we are and whom we believe. Resuming one saves
 * both sides half of a handshake, which counts when all tills of a region come back at once.
 */
export class TlsSessions {
  #key = '';
  readonly #sessions = new Map<string, Buffer>();

  /** @param key what the sessions prove besides the address; with another one all are forgotten */
  for(key: string): TlsSessions {
    if (key !== this.#key) this.#sessions.clear();
    this.#key = key;
    return this;
  }

  get(address: string): Buffer | undefined {
    return this.#sessions.get(address);
  }

  set(address: string, session: Buffer): void {
    this.#sessions.set(address, session);
  }
}

/** Node's own agent remembers sessions for itself alone, and each connection of a till has an agent. */
export class ResumingAgent extends Agent {
  constructor(
    options: AgentOptions,
    private readonly address: string,
    private readonly tlsSessions: TlsSessions,
  ) {
    super({ ...options, maxCachedSessions: 0 });
  }

  override createConnection(...[options, callback]: Parameters<Agent['createConnection']>): Duplex | null | undefined {
    const session = this.tlsSessions.get(this.address);
    const socket = super.createConnection({ ...options, ...(session && { session }) }, callback);
    if (socket instanceof TLSSocket) socket.on('session', (given: Buffer) => this.tlsSessions.set(this.address, given));
    return socket;
  }
}
