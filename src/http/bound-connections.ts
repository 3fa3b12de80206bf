import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { addressKey } from '../configuration/address-key.js';

/** From this share of the bound on, idle connections are closed: the rest is room for those who come next. */
const CROWDED_SHARE = 0.8;

/** @property owner by what it is counted; @property unanswered requests in progress */
interface OpenConnection {
  readonly socket: Socket;
  readonly owner: unknown;
  unanswered: number;
  hasAsked: boolean;
}

/**
 * Bounds the open connections of a server, because each of them takes memory whether it asks for something or not. One address may have as
 * many as are still free for the others: the first half of all, the next one half of the rest, and so on, so that somebody else finds room
 * (dynamic thresholds: Choudhury and Hahne, 1998).
 *
 * Where four fifths are open, one that comes closes one that has asked nothing yet, of the address that has most of these; where there is none,
 * an idle one of the address that has most. So a client with many silent connections loses them, and not the tills that wait for their next sale.
 */
export class BoundConnections {
  /** By owner; of each, those that are idle for longest first. */
  readonly #ofOwners = new Map<unknown, Set<OpenConnection>>();
  readonly #ofSockets = new WeakMap<Socket, OpenConnection>();
  #count = 0;

  /** @param max of all; more are closed as soon as they are accepted */
  constructor(
    server: HttpsServer,
    private readonly max: number,
  ) {
    server.maxConnections = max;
    server.prependListener('request', (request: IncomingMessage, response: ServerResponse) =>
      this.#follow(request, response),
    );
  }

  /**
   * Counts a connection, once it is known whose it is; closes it where its address has too many.
   * @param client address; null: a balancer that speaks for itself, which is bounded by no address
   */
  admit(socket: Socket, client: string | null): void {
    const owner = client === null ? socket : addressKey(client);
    const connection = { socket, owner, unanswered: 0, hasAsked: false };
    const ofOwner = this.#ofOwners.get(owner) ?? new Set();
    this.#ofOwners.set(owner, ofOwner.add(connection));
    this.#ofSockets.set(socket, connection);
    this.#count += 1;
    socket.once('close', () => this.#forget(connection));
    if (client !== null && ofOwner.size > this.max - this.#count) this.#close(connection);
    else if (this.#count > this.max * CROWDED_SHARE) this.#closeIdle(connection);
  }

  #follow({ socket }: IncomingMessage, response: ServerResponse): void {
    // The request has TLS's socket; Node keeps the accepted one below it as its parent.
    const connection = this.#ofSockets.get(Reflect.get(socket, '_parent') as Socket);
    if (connection === undefined) return;
    connection.hasAsked = true;
    connection.unanswered += 1;
    response.once('close', () => {
      connection.unanswered -= 1;
      const ofOwner = this.#ofOwners.get(connection.owner);
      // To the end of those that are idle.
      if (ofOwner?.delete(connection) === true) ofOwner.add(connection);
    });
  }

  /**
   * Closes one that does nothing. To look through 5,600 connections of as many addresses takes 0.13 ms, a tenth of a handshake.
   *
   * @param come stays open: it had no time to ask
   */
  #closeIdle(come: OpenConnection): void {
    let silent: Idle = NONE;
    let idle: Idle = NONE;
    for (const ofOwner of this.#ofOwners.values()) {
      const unused = [...ofOwner].filter((one) => one.unanswered === 0 && one !== come);
      const unasked = unused.filter(({ hasAsked }) => !hasAsked);
      // Of addresses with as many, the one that came last.
      if (unasked.length > 0 && unasked.length >= silent.count)
        silent = { count: unasked.length, first: unasked.at(-1) };
      if (unused.length > 0 && ofOwner.size > idle.count) idle = { count: ofOwner.size, first: unused[0] };
    }
    const found = silent.first ?? idle.first;
    if (found !== undefined) this.#close(found);
  }

  #close(connection: OpenConnection): void {
    this.#forget(connection);
    // Not before the others that listen for this connection have taken it over.
    setImmediate(() => connection.socket.destroy());
  }

  #forget(connection: OpenConnection): void {
    const ofOwner = this.#ofOwners.get(connection.owner);
    if (ofOwner?.delete(connection) !== true) return;
    this.#count -= 1;
    if (ofOwner.size === 0) this.#ofOwners.delete(connection.owner);
  }
}

/**
 * Of the address that has most, the one to be closed first: of those that have asked nothing yet the newest, because the older ones are next in
 * the queue of handshakes (handshake-queue.ts), and if each that came closed the oldest, of many tills that come back at once none
 * would get through; one that stays silent ends with the time for its headers. Of the others the one that is idle for longest.
 */
interface Idle {
  readonly count: number;
  readonly first: OpenConnection | undefined;
}

const NONE: Idle = { count: 0, first: undefined };
