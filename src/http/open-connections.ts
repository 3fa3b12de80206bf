import type { Server as HttpServer } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import { Server as NetServer, type Socket } from 'node:net';

/** How often connections are looked at while they are being closed: short beside the seconds that a stop may take. */
const SWEEP_INTERVAL_MS = 100;
/**
 * For so long, connections that are idle are left open: a till that sells sends its next request within it and is told by
 * the answer to go elsewhere, where a request that crosses our end of the connection is done without being answered.
 */
const GRACE_MS = 500;
/** Time for a client to end its side, once we have ended ours, before the connection is given up. */
const LINGER_MS = 1_000;

/**
 * The open connections of one server, so that they can be closed politely: what was asked is answered, and a connection
 * that is kept for later is ended by both sides in turn (RFC 9112, 9.6; TLS's close_notify first). Node's own closing
 * destroys such connections, and a request that crosses it ends in a reset.
 */
export class OpenConnections {
  /** As they came in, TLS or not. */
  readonly #accepted = new Set<Socket>();
  /** Those that speak HTTP, with the time since when. */
  readonly #speaking = new Map<Socket, number>();
  #isCut = false;

  constructor(private readonly server: HttpServer | HttpsServer) {
    server.on('connection', (socket: Socket) => {
      this.#accepted.add(socket);
      socket.once('close', () => this.#accepted.delete(socket));
    });
    server.on(server instanceof HttpsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.#speaking.set(socket, performance.now());
      socket.once('close', () => this.#speaking.delete(socket));
    });
  }

  /** Stops accepting; resolves when the last connection has ended. Nothing is cut here, however long it takes. */
  async close(): Promise<void> {
    if (!this.server.listening) return;
    // Past HTTP's own close, which would destroy what is idle.
    const closed = new Promise<void>((resolve) => {
      NetServer.prototype.close.call(this.server, () => resolve());
    });
    if (this.#isCut) this.cut();
    const began = performance.now();
    const sweep = setInterval(() => {
      if (performance.now() - began >= GRACE_MS) this.#endIdle();
    }, SWEEP_INTERVAL_MS);
    await closed;
    clearInterval(sweep);
    // Ends HTTP's own timers; there is nothing left to close.
    this.server.close();
  }

  /** Cuts every connection, also of a closing that only begins. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#accepted) socket.destroy();
  }

  /** Again and again: an answer that had begun before the closing does not say `connection: close`, and goes idle after it. */
  #endIdle(): void {
    const youngest = performance.now() - GRACE_MS;
    for (const [socket, since] of this.#speaking) {
      if (since > youngest || isAnswering(socket)) continue;
      this.#speaking.delete(socket);
      socket.end();
      setTimeout(() => socket.destroy(), LINGER_MS).unref();
    }
  }
}

/** Node keeps the answer in progress on its socket. Asked only now, so that no request pays for it. */
function isAnswering(socket: Socket): boolean {
  return Boolean(Reflect.get(socket, '_httpMessage'));
}
