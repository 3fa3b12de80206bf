import type { Duplex } from 'node:stream';
import { Agent, type AgentOptions } from 'node:https';
import { TLSSocket } from 'node:tls';

/**
 * TLS sessions that a server would resume, by everything that a session proves: the address, who we are and whom we believe. Resuming one saves
 * both sides half of a handshake, which counts when all tills of a region come back at once.
 */
export class TlsSessions {
  #key = '';
  #sessions = new Map<string, Buffer>();

  /**
   * The sessions by address. A connection that began with another key keeps those of that key, which nobody else takes any more: its
   * session may come after the key has changed.
   *
   * @param key what the sessions prove besides the address; with another one all are forgotten
   */
  for(key: string): Map<string, Buffer> {
    if (key !== this.#key) this.#sessions = new Map();
    this.#key = key;
    return this.#sessions;
  }
}

/** Node's own agent remembers sessions for itself alone, and each connection of a till has an agent. */
export class ResumingAgent extends Agent {
  constructor(
    options: AgentOptions,
    private readonly address: string,
    private readonly tlsSessions: Map<string, Buffer>,
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
