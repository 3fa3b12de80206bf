import type { IncomingMessage } from 'node:http';
import { Writable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** What is left of a body is read and forgotten up to this size, and the connection goes on: cheaper than a new handshake. */
const DRAINED_BYTES_MAX = 65_536;
/** So many larger ones are drained at once in the process: a client that sent one by mistake keeps its connection. */
const DRAINS_AT_ONCE_MAX = 2;
/** Time for a client to read the answer; closing at once could take the answer back (TCP reset). */
const LINGER_MS = 1_000;

let drains = 0;

/**
 * Ends the connection of a request that is answered before its body was read, if much of the body may still come: reading
 * megabytes only to forget them would keep the others waiting. To be called before the answer is sent.
 */
export function stopReading(request: IncomingMessage, reply: FastifyReply): void {
  if (isDrained(request)) {
    // Fastify gives the connection up after every parser error.
    reply.removeHeader('connection');
    request.unpipe();
    request.resume();
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

function isDrained(request: IncomingMessage): boolean {
  if (request.complete || bytesAnnounced(request) <= DRAINED_BYTES_MAX) return true;
  if (drains >= DRAINS_AT_ONCE_MAX) return false;
  drains += 1;
  request.once('close', () => (drains -= 1));
  return true;
}

function bytesAnnounced({ headers }: IncomingMessage): number {
  return headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : Infinity;
}
