import type { IncomingMessage } from 'node:http';
import { Writable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { type Clock, LIMITS } from '@tax-control/protocol';

/** What is left of a body is read and forgotten up to this size, and the connection goes on: cheaper than a new handshake. */
const DRAINED_BYTES_MAX = 65_536;
/**
 * A longer one is, too, while this process has drained little: a client that sent one by mistake keeps its connection, and who sends them on
 * and on does not keep the others waiting (4 MB are some 10 ms of the event loop).
 */
const DRAINED_BYTES_A_SECOND = 4_000_000;
const UNKNOWN_BYTES_MAX = 1.5 * LIMITS.requestBytesMax;
const DRAINED_BURST_BYTES = 3 * LIMITS.requestBytesMax;
/** Time for a client to read the answer; closing at once could take the answer back (TCP reset). */
const LINGER_MS = 1_000;

const MS_PER_SECOND = 1_000;

/** Decides what becomes of the bodies of requests that the server answers before it has read them. One object for the process. */
export class UnreadBodies {
  /** Bytes that may be read and forgotten now. */
  #roomBytes = DRAINED_BURST_BYTES;
  /** Until when the room was filled again, by the monotonic clock. */
  #filledMs: number;

  constructor(private readonly clock: Clock) {
    this.#filledMs = clock.monotonicMs();
  }

  /**
   * Ends the connection of such a request if much of its body may still come: reading megabytes only to forget them would keep the others
   * waiting. Call it before the answer is sent.
   */
  stopReading(request: IncomingMessage, reply: FastifyReply): void {
    if (this.#isDrained(request)) {
      // Fastify gives the connection up after every parser error.
      reply.removeHeader('connection');
      request.unpipe();
      drain(request);
      return;
    }
    reply.header('connection', 'close');
    request.unpipe();
    // Takes one chunk and never asks for another; Node reads all of a body that nobody reads.
    request.pipe(new Writable({ highWaterMark: 1, write: () => undefined })).on('error', () => undefined);
    const { socket } = request;
    // What Node calls after the last answer of a connection; it would close at once.
    socket.destroySoon = (): void => {
      socket.end();
      const timer = setTimeout(() => socket.destroy(), LINGER_MS);
      socket.once('close', () => clearTimeout(timer));
    };
  }

  #isDrained(request: IncomingMessage): boolean {
    const bytes = bytesAnnounced(request);
    return request.complete || bytes <= DRAINED_BYTES_MAX || this.#hasRoom(bytes);
  }

  #hasRoom(bytes: number): boolean {
    const nowMs = this.clock.monotonicMs();
    const saved = ((nowMs - this.#filledMs) * DRAINED_BYTES_A_SECOND) / MS_PER_SECOND;
    this.#roomBytes = Math.min(DRAINED_BURST_BYTES, this.#roomBytes + saved);
    this.#filledMs = nowMs;
    if (bytes > this.#roomBytes) return false;
    this.#roomBytes -= bytes;
    return true;
  }
}

/** Of a body without a length nobody knows how much will come: it may be somewhat longer than the longest, and no more. */
function bytesAnnounced({ headers }: IncomingMessage): number {
  return headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : UNKNOWN_BYTES_MAX;
}

function drain(request: IncomingMessage): void {
  const most = Math.max(bytesAnnounced(request), DRAINED_BYTES_MAX);
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > most) request.socket.destroy();
  });
  request.resume();
}
