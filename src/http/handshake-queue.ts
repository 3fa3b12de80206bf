import type { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';

/**
 * Handshakes that begin in one turn of the event loop. A handshake takes 1 to 2.5 ms of the event loop (two signatures to verify, one to
 * make), so a turn becomes at most some 10 ms longer, and several hundred tills a second are still let in.
 */
const BEGIN_IN_TURN_MAX = 4;

type ConnectionListener = (socket: Socket) => void;

/**
 * Spreads the handshakes of clients that connect at once, as all tills of a region do when its line is back: between two turns, what came
 * over connections that are open is served. Without it, 300 handshakes in one turn held up every sale for half a second.
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
    setImmediate(() => {
      this.#isTurnDue = false;
      this.#turn();
      this.#turnLater();
    });
  }

  #turn(): void {
    let begun = 0;
    for (const socket of this.#waiting) {
      if (begun === BEGIN_IN_TURN_MAX) return;
      this.#waiting.delete(socket);
      socket.off('error', ignore);
      if (socket.destroyed) continue;
      begun += 1;
      this.#begin(socket);
    }
  }
}

function ignore(): void {}
