import { Body, Controller, Delete, Get, HttpCode, Post, Put, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Problem } from '@tax-control/protocol';
import type { CurrentSession } from '@tax-control/protocol/console';
import { Describe } from '../http/documentation/describe.js';
import { Envelope } from '../http/envelope.js';
import { Listener } from '../http/listener.js';
import { BodyLimit } from '../http/route-options.js';
import { AdmitNewcomers, AdmitVisitors, CurrentOfficial, PresentSession, PresentVisitor } from './admit-official.js';
import { CURRENT_SESSION, PASSWORD_CHANGE, SIGN_IN } from './descriptions.js';
import { PASSWORD_BYTES_MAX, PasswordChangeEnvelope, SignInEnvelope } from './envelopes.js';
import type { SignInOutcome } from './official.strategy.js';
import { OwnPassword } from './own-password.js';
import { cookieOf, ENDED_COOKIE } from './session-token.js';
import { Sessions, type TokenSession } from './sessions.js';
import { SignInGuard, SignInResult } from './sign-in.guard.js';
import type { SignedInOfficial } from './signed-in-official.js';
import type { Visitor } from './visitor.js';

const TAG = 'Console: access';

@Listener('public')
@Controller('v1/console')
export class SessionController {
  constructor(
    private readonly sessions: Sessions,
    private readonly ownPassword: OwnPassword,
  ) {}

  @Post('session')
  @HttpCode(200)
  @AdmitVisitors()
  @UseGuards(SignInGuard)
  @BodyLimit(PASSWORD_BYTES_MAX)
  @Describe({
    tag: TAG,
    summary: 'Sign in',
    description:
      'Opens a session, which the cookie `__Host-session` bears. Needs the header `origin` of this very host. Whatever is wrong with name or password is told in one way.',
    body: { schema: SIGN_IN },
    answer: { schema: CURRENT_SESSION },
    problems: [
      'invalid_request',
      'csrf_refused',
      'sign_in_refused',
      'sign_in_delayed',
      'temporary_password_expired',
      'server_busy',
    ],
  })
  signIn(
    @Body(Envelope) _envelope: SignInEnvelope,
    @SignInResult() { outcome }: SignInOutcome,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): CurrentSession | Problem {
    return this.#answer(outcome, reply);
  }

  @Get('session')
  @AdmitNewcomers()
  @Describe({
    tag: TAG,
    summary: 'Who is signed in, with which roles, view and CSRF token',
    answer: { schema: CURRENT_SESSION },
    problems: ['sign_in_required'],
  })
  present(@PresentSession() session: TokenSession): CurrentSession {
    return this.sessions.describe(session);
  }

  @Delete('session')
  @HttpCode(200)
  @AdmitNewcomers()
  @Describe({
    tag: TAG,
    summary: 'Sign out',
    answer: { status: 200, description: 'The session is ended.', schema: { type: 'object' } },
    problems: ['sign_in_required', 'csrf_refused'],
  })
  async signOut(
    @CurrentOfficial() official: SignedInOfficial,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Problem | object> {
    reply.header('set-cookie', ENDED_COOKIE);
    return (await this.sessions.end(official, official.sessionId)) ?? {};
  }

  @Put('password')
  @AdmitNewcomers()
  @BodyLimit(PASSWORD_BYTES_MAX)
  @Describe({
    tag: TAG,
    summary: 'Set another password for the own account',
    description: 'Ends all sessions of the account and opens a new one for who asks.',
    body: { schema: PASSWORD_CHANGE },
    answer: { schema: CURRENT_SESSION },
    problems: [
      'invalid_request',
      'sign_in_required',
      'csrf_refused',
      'password_wrong',
      'password_not_allowed',
      'sign_in_delayed',
      'server_busy',
    ],
  })
  async changePassword(
    @CurrentOfficial() official: SignedInOfficial,
    @PresentVisitor() visitor: Visitor,
    @Body(Envelope) change: PasswordChangeEnvelope,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CurrentSession | Problem> {
    return this.#answer(await this.ownPassword.change(official, change, visitor), reply);
  }

  #answer(outcome: TokenSession | Problem, reply: FastifyReply): CurrentSession | Problem {
    if ('code' in outcome) return outcome;
    reply.header('set-cookie', cookieOf(outcome.token));
    return this.sessions.describe(outcome);
  }
}
