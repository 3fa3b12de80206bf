import type { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';

/** Milliseconds of the event loop that a handshake takes: two signatures to verify and one to make. 1 to 2.5 measured (decision 0030). */
const HANDSHAKE_MS = 1.5;
/** Share of the event loop's time that handshakes may take while others wait for it: a sale takes twice as long then. */
const SHARE = 0.5;

type ConnectionListener = (socket: Socket) => void;

/**
 * Spreads the handshakes of clients that connect at once, as all tills of a region do when its line is back: in each turn of the event loop
 * begins one, or more where turns are long, and between two turns what came over connections that are open is served. Without it, 300 in one
 * turn held up every sale for a second.
 *
 * What waits is a connection that was accepted and not read from; the client's own limits end its waiting. Nothing is counted that a client
 * could hold: one that is slow with its handshake keeps no place.
 *
 * To be made before anybody else listens for connections of this server.
 */
export class HandshakeQueue {
  readonly #waiting = new Set<Socket>();
  readonly #begin: (socket: Socket) => void;
  #isTurnDue = false;

  constructor(server: HttpsServer) {
    const beginTls = server.listeners('connection') as ConnectionListener[];
    server.removeAllListeners('connection');
    this.#begin = (socket) => {
      for (const listener of beginTls) listener.call(server, socket);
    };
    server.on('connection', (socket: Socket) => this.#take(socket));
  }

  /** Connections whose handshake has not begun. */
  get waiting(): number {
    return this.#waiting.size;
  }

  #take(socket: Socket): void {
    this.#waiting.add(socket);
    socket.once('close', () => this.#waiting.delete(socket));
    // It may end while it waits, which is nobody's fault.
    socket.on('error', ignore);
    this.#turnLater();
  }

  #turnLater(): void {
    if (this.#isTurnDue || this.#waiting.size === 0) return;
    this.#isTurnDue = true;
    const fromMs = performance.now();
    setImmediate(() => {
      this.#isTurnDue = false;
      this.#beginUpTo(beginsIn(performance.now() - fromMs));
      this.#turnLater();
    });
  }

  #beginUpTo(most: number): void {
    let begun = 0;
    for (const socket of this.#waiting) {
      if (begun === most) return;
      this.#waiting.delete(socket);
      socket.off('error', ignore);
      if (socket.destroyed) continue;
      begun += 1;
      this.#begin(socket);
    }
  }
}

/** Handshakes that may begin after a turn of the event loop that took so long. */
export function beginsIn(turnMs: number): number {
  return Math.max(1, Math.floor((turnMs * SHARE) / HANDSHAKE_MS));
}

function ignore(): void {}
