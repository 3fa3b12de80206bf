import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { ATTEMPT_ID_HEADER, type Door, problem } from '@tax-control/protocol';
import { namedAttemptIds } from '../http/attempt-id.js';
import { Listeners } from '../http/listeners.js';
import { RequestRefused } from '../http/request-refused.js';
import { ServerEvents } from '../observability/server-events.js';
import { ACTIVE_ONLY, type Admission, ADMISSION } from './admit.js';
import type { Caller } from './caller.js';
import { RefusedAuthentications } from './refused-authentications.js';
import type { AuthenticationRefusal } from './standing.js';
import { TERMINAL_STRATEGY } from './terminal.strategy.js';

/** Routes at which a request is an attempt. */
const DOORS: Readonly<Record<string, Door>> = { '/v1/invoices': 'issue', '/v1/reissues': 'reissue' };

/** Asks at every route of the terminals' listener who calls, and admits whom the route admits; closed where it says nothing. */
@Injectable()
export class TerminalGuard extends AuthGuard(TERMINAL_STRATEGY) {
  constructor(
    private readonly reflector: Reflector,
    private readonly listeners: Listeners,
    private readonly refused: RefusedAuthentications,
    private readonly events: ServerEvents,
  ) {
    super();
  }

  override canActivate(
    context: ExecutionContext,
  ): ReturnType<InstanceType<ReturnType<typeof AuthGuard>>['canActivate']> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (this.listeners.nameOf(request.raw) !== 'terminals' || this.#admissionOf(context) === 'strangers') return true;
    return super.canActivate(context);
  }

  override handleRequest<User>(error: unknown, user: User, _info: unknown, context: ExecutionContext): User {
    if (error !== null && error !== undefined) throw error;
    const caller = user as Caller;
    const admission = this.#admissionOf(context);
    const refusal = caller.refusals.find((one) => admission !== 'strangers' && !admission.has(one));
    if (refusal === undefined) return user;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (!this.#recordAttempts(request, caller, refusal)) this.refused.record(refusal, caller, request.ip);
    throw new RequestRefused(problem(refusal));
  }

  /** A known terminal that names its attempts: those are failures of its own, and in no count of strangers. */
  #recordAttempts(request: FastifyRequest, { terminal }: Caller, cause: AuthenticationRefusal): boolean {
    const door = DOORS[request.routeOptions.url ?? ''];
    const header = request.headers[ATTEMPT_ID_HEADER];
    if (terminal === null || door === undefined || typeof header !== 'string') return false;
    const { terminalId } = terminal;
    const recorded = namedAttemptIds(header).map((attemptId) =>
      this.events.record({ terminalId, attemptId, door, outcome: 'not_authenticated', cause }),
    );
    return recorded.includes(true);
  }

  #admissionOf(context: ExecutionContext): Admission {
    return (
      this.reflector.getAllAndOverride<Admission | undefined>(ADMISSION, [context.getHandler(), context.getClass()]) ??
      ACTIVE_ONLY
    );
  }
}
