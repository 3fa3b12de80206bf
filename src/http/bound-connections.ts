import type { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { addressKey } from '../configuration/address-key.js';

/** From this share of the bound on, connections that only wait for a next request are closed: their clients open others when they need them. */
const CROWDED_SHARE = 0.8;
/** Between two such closings; a client that comes back at once pays a handshake for each. */
const SHED_INTERVAL_MS = 1_000;

/**
 * Bounds the open connections of a server, because each of them takes memory whether it asks for something or not. One address may have as
 * many as are still free for the others: the first half of all, two a third each, and so on, so that somebody else always finds room
 * (dynamic thresholds: Choudhury and Hahne, 1998).
 */
export class BoundConnections {
  readonly #ofAddresses = new Map<string, number>();
  #count = 0;
  #shedAt = -Infinity;

  /** @param max of all; more are closed as soon as they are accepted */
  constructor(
    private readonly server: HttpsServer,
    private readonly max: number,
  ) {
    server.maxConnections = max;
  }

  /**
   * Counts a connection, once it is known whose it is; closes it where its address has too many.
   * @param client address; null: a balancer that speaks for itself, which is bounded by no address
   */
  admit(socket: Socket, client: string | null): void {
    this.#count += 1;
    socket.once('close', () => (this.#count -= 1));
    if (client !== null && this.#add(socket, addressKey(client)) > this.max - this.#count) {
      // Not before the others that listen for this connection have taken it over.
      setImmediate(() => socket.destroy());
    }
    if (this.#count <= this.max * CROWDED_SHARE || performance.now() - this.#shedAt < SHED_INTERVAL_MS) return;
    this.#shedAt = performance.now();
    this.server.closeIdleConnections();
  }

  /** @returns how many connections the address has now */
  #add(socket: Socket, address: string): number {
    const ofAddress = (this.#ofAddresses.get(address) ?? 0) + 1;
    this.#ofAddresses.set(address, ofAddress);
    socket.once('close', () => {
      const left = (this.#ofAddresses.get(address) ?? 1) - 1;
      if (left === 0) this.#ofAddresses.delete(address);
      else this.#ofAddresses.set(address, left);
    });
    return ofAddress;
  }
}
