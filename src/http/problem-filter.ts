import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Problem, problem } from '@tax-control/protocol';
import type { Log } from '../observability/log.js';
import { Throttle } from '../observability/throttle.js';
import { stopReading } from './bodies/stop-reading.js';
import type { Listeners } from './listeners.js';
import { problemOfError } from './problem-of-error.js';
import type { RouteTable } from './route-table.js';
import { sendProblem } from './send-problem.js';

const OUTAGE_STATUS = 503;
/** During an outage every request fails alike; a line a second tells it, where a thousand would slow the rest down. */
const OUTAGE_LOG_INTERVAL_MS = 1_000;

/**
 * Everything that is thrown ends here, whether by a controller, a guard, a hook or the body parser. A client learns code
 * and request id; the cause goes to the log.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #outages = new Throttle(OUTAGE_LOG_INTERVAL_MS);

  constructor(
    private readonly listeners: Listeners,
    private readonly routes: RouteTable,
    private readonly log: Log,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const hasGone = request.raw.socket.destroyed;
    if (hasGone && isAborted(error)) return;
    const answer = problemOfError(error);
    if (!answer.expected) this.#report(answer.problem, error, request);
    if (reply.sent || hasGone) return;
    stopReading(request.raw, reply);
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
    const suppressed = status === OUTAGE_STATUS ? this.#outages.pass(code) : 0;
    if (suppressed === null) return;
    const facts = {
      requestId: request.id,
      method: request.method,
      route: request.routeOptions.url ?? null,
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
