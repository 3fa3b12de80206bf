import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance } from 'fastify';
import { type AgentProblemCode, agentProblem, PROBLEM_MEDIA_TYPE } from './agent-problem.js';
import { JournalUnavailable } from '../journal/journal-unavailable.js';
import { ANSWER_HEADERS, sendProblem } from './replies.js';

/** Where the agent writes what its operator should see. Never a body, a token or a header. */
export type AgentLog = (event: {
  readonly level: 'info' | 'error';
  readonly message: string;
  readonly cause?: string;
}) => void;

const CODE_OF_FRAMEWORK_ERROR: Readonly<Record<string, AgentProblemCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'request_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'media_type_not_supported',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed_request',
  FST_ERR_BAD_URL: 'malformed_request',
};

/** Every failure of a request becomes a problem; what nobody expected is logged and told without its details. */
export function mapFaults(app: FastifyInstance, log: AgentLog): void {
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, 'not_found'));
  app.setErrorHandler<FastifyError | JournalUnavailable>((error, _request, reply) => {
    // The disk or the file let the till down in a look-up; a sale tells it as its result.
    if (error instanceof JournalUnavailable)
      return sendProblem(reply, 'terminal_unavailable', { detail: error.message });
    const code = CODE_OF_FRAMEWORK_ERROR[error.code] ?? (isClientFault(error) ? 'malformed_request' : 'internal_error');
    if (code === 'internal_error')
      log({ level: 'error', message: 'A request failed unexpectedly.', cause: causeOf(error) });
    return sendProblem(reply, code);
  });
}

/** What the log says of a bug: its name and where, not its message, which may quote what was sold. */
function causeOf({ name, code, stack = '' }: FastifyError): string {
  const frames = stack.split('\n').filter((line) => line.startsWith('    at '));
  return [code === undefined ? name : `${name} ${code}`, ...frames].join('\n');
}

function isClientFault({ statusCode = 500 }: FastifyError): boolean {
  return statusCode >= 400 && statusCode < 500;
}

/**
 * Answers what is no HTTP, or did not arrive in time, and closes that connection only. Where a request before it arrived
 * whole, that one is answered and the rest is not: the MIS would take any other answer for its sale's.
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  const inProgress = answerInProgress(socket);
  if (inProgress?.req.complete === true && error.code !== 'ECONNRESET') {
    // Node closes the connection behind the answer then, and says so in its head where that has not gone out yet.
    inProgress.shouldKeepAlive = false;
    inProgress.once('finish', () => socket.destroySoon());
    socket.pause();
    return;
  }
  if (error.code === 'ECONNRESET' || !socket.writable || inProgress?.headersSent === true) {
    socket.destroy();
    return;
  }
  const problem = agentProblem(error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'request_timeout' : 'malformed_request');
  const body = JSON.stringify(problem);
  const reason = problem.status === 408 ? 'Request Timeout' : 'Bad Request';
  const headers = {
    ...ANSWER_HEADERS,
    'content-type': PROBLEM_MEDIA_TYPE,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${problem.status} ${reason}\r\n${lines.join('')}\r\n${body}`);
}

/** Answers a request with an expectation that nobody here can meet (RFC 9110, 10.1.1); Node's own answer has no body. */
export function answerExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const detail = 'Of the Expect header, only 100-continue is known.';
  const problem = { ...agentProblem('malformed_request', { detail }), status: 417 };
  response.writeHead(problem.status, { 'content-type': PROBLEM_MEDIA_TYPE, connection: 'close' });
  response.end(JSON.stringify(problem));
}

/** Node keeps the answer in progress on its socket. A second status line in the middle of it would be read as its body. */
function answerInProgress(socket: Socket): ServerResponse | null {
  const message: unknown = Reflect.get(socket, '_httpMessage');
  return message instanceof ServerResponse ? message : null;
}
