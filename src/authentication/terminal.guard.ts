import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { problem } from '@tax-control/protocol';
import { Listeners } from '../http/listeners.js';
import { RequestRefused } from '../http/request-refused.js';
import { ACTIVE_ONLY, type Admission, ADMISSION } from './admit.js';
import type { Caller } from './caller.js';
import { RequestLimit } from './request-limit.js';
import { TERMINAL_STRATEGY } from './terminal.strategy.js';
import { TurnedAway } from './turned-away.js';

/** A till that runs wild shall not be back for each single request that it is given. */
const RETRY_AFTER_MS_MIN = 1_000;

/** Asks at every route of the terminals' listener who calls, and admits whom the route admits; closed where it says nothing. */
@Injectable()
export class TerminalGuard extends AuthGuard(TERMINAL_STRATEGY) {
  constructor(
    private readonly reflector: Reflector,
    private readonly listeners: Listeners,
    private readonly turnedAway: TurnedAway,
    private readonly limit: RequestLimit,
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
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (refusal !== undefined) {
      this.turnedAway.notAuthenticated(request, caller, refusal);
      throw new RequestRefused(problem(refusal));
    }
    if (caller.terminal !== null) this.#limit(request, caller.terminal.terminalId);
    return user;
  }

  /** One till that runs wild is told to wait, as by a busy server: nothing is refused, and its invoices stay queued. */
  #limit(request: FastifyRequest, terminalId: string): void {
    const waitMs = this.limit.take(terminalId);
    if (waitMs === 0) return;
    this.turnedAway.attempts(request, terminalId, 'failed', 'server_busy');
    const detail = 'This terminal asks more often than TERMINAL_REQUESTS_PER_SECOND_MAX allows.';
    throw new RequestRefused(problem('server_busy', { detail, retryAfterMs: Math.max(waitMs, RETRY_AFTER_MS_MIN) }));
  }

  #admissionOf(context: ExecutionContext): Admission {
    return (
      this.reflector.getAllAndOverride<Admission | undefined>(ADMISSION, [context.getHandler(), context.getClass()]) ??
      ACTIVE_ONLY
    );
  }
}
