import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { problem } from '@tax-control/protocol';
import { Listeners } from '../http/listeners.js';
import { RequestRefused } from '../http/request-refused.js';
import { ACTIVE_ONLY, type Admission, ADMISSION } from './admit.js';
import type { Caller } from './caller.js';
import { RefusedAuthentications } from './refused-authentications.js';
import { TERMINAL_STRATEGY } from './terminal.strategy.js';

/** Asks at every route of the terminals' listener who calls, and admits whom the route admits; closed where it says nothing. */
@Injectable()
export class TerminalGuard extends AuthGuard(TERMINAL_STRATEGY) {
  constructor(
    private readonly reflector: Reflector,
    private readonly listeners: Listeners,
    private readonly refused: RefusedAuthentications,
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
    this.refused.record(refusal, caller, context.switchToHttp().getRequest<FastifyRequest>().ip);
    throw new RequestRefused(problem(refusal));
  }

  #admissionOf(context: ExecutionContext): Admission {
    return (
      this.reflector.getAllAndOverride<Admission | undefined>(ADMISSION, [context.getHandler(), context.getClass()]) ??
      ACTIVE_ONLY
    );
  }
}
