import type { Socket } from 'node:net';
import { problem, type Problem } from '@tax-control/protocol';
import { PROBLEM_MEDIA_TYPE } from './send-problem.js';

/** Time for the answer to reach a client that sent no proper HTTP; closing at once could take the answer back (TCP reset). */
const LINGER_MS = 1_000;

const HEADERS_TOO_LARGE: Problem = {
  ...problem('request_too_large', { detail: 'The headers are larger than allowed.' }),
  // RFC 6585, 5: told apart from a body that is too large.
  status: 431,
};

/** The problem of what Node's HTTP parser or its timers reported; null for a connection that broke, where nobody listens any more. */
function problemOf(error: NodeJS.ErrnoException): Problem | null {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return problem('request_timeout');
  if (error.code === 'HPE_HEADER_OVERFLOW') return HEADERS_TOO_LARGE;
  return error.code?.startsWith('HPE_') === true ? problem('malformed_request', { detail: 'Send HTTP/1.1.' }) : null;
}

/** Answers what never became a request, or did not arrive whole in time, and closes that connection; the server goes on. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  const refusal = problemOf(error);
  if (refusal === null || !socket.writable || hasAnswerBegun(socket)) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify(refusal);
  socket.end(
    `HTTP/1.1 ${refusal.status} ${refusal.code}\r\ncontent-type: ${PROBLEM_MEDIA_TYPE}\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
  socket.setTimeout(LINGER_MS, () => socket.destroy());
}

/** Node keeps the response in progress on its socket; a second status line in the middle of it would be read as its body. */
function hasAnswerBegun(socket: Socket): boolean {
  const message: unknown = Reflect.get(socket, '_httpMessage');
  return typeof message === 'object' && message !== null && Reflect.get(message, 'headersSent') === true;
}
