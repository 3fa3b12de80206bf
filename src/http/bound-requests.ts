import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Requests of one connection that are not answered to the end. HTTP/1.1 allows a client to send the next before it has read the answer
 * (RFC 9112, 9.3.2); no till and no browser does. Each of them is in memory with its answer.
 */
const UNANSWERED_MAX = 32;

/** Ends a connection whose client goes on asking and does not read: no answer could reach it. */
export function boundRequests(handler: RequestListener): RequestListener {
  const unanswered = new WeakMap<Socket, number>();
  return (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    const count = (unanswered.get(socket) ?? 0) + 1;
    if (count > UNANSWERED_MAX) {
      socket.destroy();
      return;
    }
    unanswered.set(socket, count);
    response.once('close', () => unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1));
    handler(request, response);
  };
}
