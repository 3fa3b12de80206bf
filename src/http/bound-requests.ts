import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Requests of one connection that wait behind the one that is answered. HTTP/1.1 allows a client to send the next before it has read the
 * answer (RFC 9112, 9.3.2); no till and no browser does. Each is a head of 2 KB in memory.
 */
const WAITING_MAX = 32;

interface Waiting {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * Answers the requests of one connection one after the other: the next begins when the answer before it was read, so that a client that asks and
 * does not read has one answer in memory. One that asks on and on is hung up on.
 */
export function boundRequests(application: RequestListener): RequestListener {
  /** Of each connection with a request in work. */
  const lines = new WeakMap<Socket, Waiting[]>();
  const begin = ({ request, response }: Waiting): void => {
    response.once('close', () => beginNext(request.socket));
    application(request, response);
  };
  const beginNext = (socket: Socket): void => {
    const next = lines.get(socket)?.shift();
    if (next === undefined) lines.delete(socket);
    else if (!socket.destroyed) begin(next);
  };
  return (request, response) => {
    const line = lines.get(request.socket);
    if (line === undefined) {
      lines.set(request.socket, []);
      begin({ request, response });
    } else if (line.length < WAITING_MAX) line.push({ request, response });
    else request.socket.destroy();
  };
}
