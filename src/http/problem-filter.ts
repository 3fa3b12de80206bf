import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problem } from '@tax-control/protocol';
import type { Log } from '../observability/log.js';
import type { Listeners } from './listeners.js';
import { problemOfError } from './problem-of-error.js';
import type { RouteTable } from './route-table.js';
import { sendProblem } from './send-problem.js';

/**
 * Everything that is thrown ends here, whether by a controller, a guard, a hook or the body parser. A client learns code
 * and request id; the cause goes to the log.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly listeners: Listeners,
    private readonly routes: RouteTable,
    private readonly log: Log,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    // Whoever asked has gone.
    if (reply.sent || request.raw.socket.destroyed) return;
    const answer = problemOfError(error);
    if (!answer.expected) this.#report(answer.problem.code, error, request);
    // Fastify gives the connection up after every parser error. Node reads and forgets what is left of a body, in bounded time, so
    // that the client gets to read the answer and the connection goes on.
    reply.removeHeader('connection');
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

  #report(code: string, error: unknown, request: FastifyRequest): void {
    const facts = {
      requestId: request.id,
      method: request.method,
      route: request.routeOptions.url ?? null,
      problem: code,
    };
    this.log.error('a request failed', facts, error);
  }
}
