import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { problem, type Problem } from '@tax-control/protocol';
import { answerHeaders } from './answer-headers.js';
import { waitForSlowBody } from './bodies/slow-bodies.js';
import type { ListenerName } from './listener.js';
import { PROBLEM_MEDIA_TYPE } from './send-problem.js';

/** Time for the answer to reach a client that sent no proper HTTP; closing at once could take the answer back (TCP reset). */
const LINGER_MS = 1_000;

const HEADERS_TOO_LARGE: Problem = {
  ...problem('request_too_large', { detail: 'The headers are larger than allowed.' }),
  // RFC 6585, 5: told apart from a body that is too large.
  status: 431,
};

const EXPECTATION_UNKNOWN: Problem = {
  ...problem('malformed_request', { detail: 'Of the Expect header, only 100-continue is known.' }),
  // RFC 9110, 10.1.1.
  status: 417,
};

/** Node's parser and a TLS socket get in each other's way when a client sends many requests without reading: no fault of its bytes. */
const PAUSED = 'HPE_PAUSED';

/** Node's name for a request that did not arrive whole in time. */
const REQUEST_TIMEOUT = 'ERR_HTTP_REQUEST_TIMEOUT';

/** The problem of what Node's HTTP parser or its timers reported; null for a connection that broke, where nobody listens any more. */
function problemOf(error: NodeJS.ErrnoException): Problem | null {
  if (error.code === REQUEST_TIMEOUT) return problem('request_timeout');
  if (error.code === 'HPE_HEADER_OVERFLOW') return HEADERS_TOO_LARGE;
  if (error.code === PAUSED) return null;
  return error.code?.startsWith('HPE_') === true ? problem('malformed_request', { detail: 'Send HTTP/1.1.' }) : null;
}

/**
 * Answers what never became a request, or did not arrive whole in time, and closes that connection; the server goes on.
 * Where a request before it arrived whole and is still being worked on, that one is answered, and the rest is not: its
 * sender would take any other answer for its own.
 */
export function answerClientError(listener: ListenerName, error: NodeJS.ErrnoException, socket: Socket): void {
  const again = (): void => answerClientError(listener, error, socket);
  if (error.code === REQUEST_TIMEOUT && waitForSlowBody(socket, again)) return;
  const refusal = problemOf(error);
  const inProgress = answerInProgress(socket);
  if (inProgress?.req.complete === true && !socket.destroyed && (refusal !== null || error.code === PAUSED)) {
    closeAfter(inProgress, socket);
    return;
  }
  if (refusal === null || !socket.writable || inProgress?.headersSent === true) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify(refusal);
  const headers = {
    ...answerHeaders(listener),
    'content-type': PROBLEM_MEDIA_TYPE,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${refusal.status} ${refusal.code}\r\n${lines.join('')}\r\n${body}`);
  socket.setTimeout(LINGER_MS, () => socket.destroy());
}

/** Answers a request with an expectation that nobody here can meet. */
export function answerExpectation(listener: ListenerName, _request: IncomingMessage, response: ServerResponse): void {
  const { status } = EXPECTATION_UNKNOWN;
  const headers = { ...answerHeaders(listener), 'content-type': PROBLEM_MEDIA_TYPE, connection: 'close' };
  response.writeHead(status, headers);
  response.end(JSON.stringify(EXPECTATION_UNKNOWN));
}

/** Node keeps the answer in progress on its socket. A second status line in the middle of it would be read as its body. */
function answerInProgress(socket: Socket): ServerResponse | null {
  const message: unknown = Reflect.get(socket, '_httpMessage');
  return message instanceof ServerResponse ? message : null;
}

const closing = new WeakSet<ServerResponse>();

function closeAfter(answer: ServerResponse, socket: Socket): void {
  if (closing.has(answer)) return;
  closing.add(answer);
  // Tells the client so in the answer, where its head has not gone out yet.
  answer.shouldKeepAlive = false;
  answer.once('finish', () => socket.destroySoon());
}
