import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Clock, type Problem, problem } from '@tax-control/protocol';
import type { Log } from '../observability/log.js';
import { Throttle } from '../observability/throttle.js';
import { UnreadBodies } from './bodies/unread-bodies.js';
import type { Listeners } from './listeners.js';
import { problemOfError } from './problem-of-error.js';
import type { RouteTable } from './route-table.js';
import { sendProblem } from './send-problem.js';

const OUTAGE_STATUS = 503;
/**
 * During an outage every request fails alike, and a request that meets a bug can be sent again and again: a line a second of each kind
 * tells it, where a thousand would slow the rest down and fill the disk.
 */
const LOG_INTERVAL_MS = 1_000;

/**
 * Everything that is thrown ends here, whether by a controller, a guard, a hook or the body parser. A client learns code
 * and request id; the cause goes to the log.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #lines = new Throttle(LOG_INTERVAL_MS);
  readonly #bodies: UnreadBodies;

  constructor(
    private readonly listeners: Listeners,
    private readonly routes: RouteTable,
    private readonly log: Log,
    clock: Clock,
  ) {
    this.#bodies = new UnreadBodies(clock);
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const hasGone = request.raw.socket.destroyed;
    if (hasGone && isAborted(error)) return;
    const answer = problemOfError(error);
    if (!answer.expected) this.#report(answer.problem, error, request);
    if (reply.sent || hasGone) return;
    this.#bodies.stopReading(request.raw, reply);
    if (answer.problem.code === 'not_found') this.#sendNotFound(request, reply);
    else sendProblem(reply, answer.problem);
  }

  #sendNotFound(request: FastifyRequest, reply: FastifyReply): void {
    const listener = this.listeners.nameOf(request.raw);
    const methods = listener === null ? [] : this.routes.methodsOf(listener, request.url);
    if (methods.length === 0 || methods.includes(request.method)) return sendProblem(reply, problem('not_found'));
    reply.header('allow', methods.join(', '));
    sendProblem(reply, problem('method_not_allowed'));
  }

  #report({ code, status }: Problem, error: unknown, request: FastifyRequest): void {
    const route = request.routeOptions.url ?? null;
    // Outages are one kind at all routes; a bug is one at its route and place.
    const kind = status === OUTAGE_STATUS ? code : [code, route, placeOf(error)].join(' ');
    const suppressed = this.#lines.pass(kind);
    if (suppressed === null) return;
    const facts = {
      requestId: request.id,
      method: request.method,
      route,
      problem: code,
      ...(suppressed === 0 ? {} : { suppressed }),
    };
    this.log.error('a request failed', facts, error);
  }
}

/** What Node.js makes of a client that hangs up in the middle of its request. */
function isAborted(error: unknown): boolean {
  return error instanceof Error && error.message === 'aborted' && 'code' in error && error.code === 'ECONNRESET';
}

/** Where an error was thrown: as many places as our sources have. Its message may hold what a stranger sent. */
function placeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const frame = error.stack?.split('\n').find((line) => line.startsWith('    at ')) ?? '';
  return `${error.name} ${frame.trim()}`;
}
