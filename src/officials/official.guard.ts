import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Pool } from 'pg';
import { type Problem, problem } from '@tax-control/protocol';
import { CSRF_TOKEN_HEADER } from '@tax-control/protocol/console';
import { REPORTS_POOL } from '../database/database.module.js';
import { Listeners } from '../http/listeners.js';
import { RequestRefused } from '../http/request-refused.js';
import { OFFICIAL_ADMISSION, type OfficialAdmission, rememberOfficial } from './admit-official.js';
import { isOwnOrigin, isSafe } from './origin.js';
import { mayActAs } from './roles.js';
import { Sessions, type TokenSession } from './sessions.js';
import { isCsrfTokenOf, tokenOf } from './session-token.js';
import { resolveView } from './visible-premises.js';

/** Routes of the console begin so. Everything else on the public listener is for everybody. */
const CONSOLE_PATH = '/v1/console';

/**
 * Asks at every route of the console who is signed in, and whether the request comes from a page of this console; closed where a route
 * says nothing. What it finds is of this very request: a session that was ended, a role or a view that was taken away count at once.
 */
@Injectable()
export class OfficialGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly listeners: Listeners,
    private readonly sessions: Sessions,
    @Inject(REPORTS_POOL) private readonly pool: Pool,
  ) {}

  /** At once for every route that is none of the console: tills wait for nobody's sake. */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const admission = this.#admissionOf(context, request);
    if (admission === undefined) return true;
    http.getResponse<FastifyReply>().header('cache-control', 'no-store');
    return this.#admit(request, admission);
  }

  async #admit(request: FastifyRequest, admission: OfficialAdmission): Promise<boolean> {
    if (!isSafe(request.method) && !isOwnOrigin(request.headers)) throw new RequestRefused(problem('csrf_refused'));
    if (admission === 'visitor') return true;
    const session = await this.#sessionOf(request);
    const refusal = session === null ? problem('sign_in_required') : refusalOf(session, request, admission);
    if (session === null || refusal !== null) throw new RequestRefused(refusal ?? problem('sign_in_required'));
    await this.#remember(request, session);
    return true;
  }

  #admissionOf(context: ExecutionContext, request: FastifyRequest): OfficialAdmission | undefined {
    const admission = this.reflector.getAllAndOverride<OfficialAdmission | undefined>(OFFICIAL_ADMISSION, [
      context.getHandler(),
      context.getClass(),
    ]);
    const { url = '' } = request.routeOptions;
    const isOfConsole = this.listeners.nameOf(request.raw) === 'public' && url.startsWith(CONSOLE_PATH);
    if (admission === undefined && isOfConsole)
      throw new Error(`the route ${url} says not whom it admits: add @Official`);
    return admission;
  }

  async #sessionOf(request: FastifyRequest): Promise<TokenSession | null> {
    const token = tokenOf(request.headers.cookie);
    return token === null ? null : this.sessions.find(token);
  }

  async #remember(request: FastifyRequest, session: TokenSession): Promise<void> {
    const { name, fullName, roles, view } = session.account;
    const official = {
      name,
      fullName,
      roles,
      view,
      visiblePremises: await resolveView(this.pool, view),
      sessionId: session.sessionId,
      remoteAddress: request.ip,
      requestId: request.id,
    };
    rememberOfficial(request, { official, session });
  }
}

function refusalOf(
  { account, token }: TokenSession,
  { method, headers }: FastifyRequest,
  admission: Exclude<OfficialAdmission, 'visitor'>,
): Problem | null {
  if (!isSafe(method) && !isCsrfTokenOf(token, headers[CSRF_TOKEN_HEADER])) return problem('csrf_refused');
  if (admission === 'newcomer') return null;
  if (account.passwordExpiresAt !== null) return problem('password_change_required');
  return mayActAs(account.roles, admission) ? null : problem('role_missing');
}
