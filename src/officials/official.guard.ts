import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { problem } from '@tax-control/protocol';
import { Listeners } from '../http/listeners.js';
import { RequestRefused } from '../http/request-refused.js';
import { OFFICIAL_ADMISSION, type OfficialAdmission } from './admit-official.js';

/** Routes of the console begin so. Everything else on the public listener is for everybody. */
const CONSOLE_PATH = '/v1/console';

/** Asks at every route of the console who is signed in; closed where a route says nothing. */
@Injectable()
export class OfficialGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly listeners: Listeners,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const admission = this.reflector.getAllAndOverride<OfficialAdmission | undefined>(OFFICIAL_ADMISSION, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (admission === undefined) {
      if (
        this.listeners.nameOf(request.raw) === 'public' &&
        request.routeOptions.url?.startsWith(CONSOLE_PATH) === true
      )
        throw new Error(`the route ${request.routeOptions.url} says not whom it admits: add @Official`);
      return true;
    }
    if (admission === 'visitor') return true;
    throw new RequestRefused(problem('sign_in_required'));
  }
}
