import { Controller, Delete, Get, HttpCode, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Problem } from '@tax-control/protocol';
import type { SessionRow } from '@tax-control/protocol/console';
import { Describe } from '../http/documentation/describe.js';
import { Listener } from '../http/listener.js';
import { CurrentOfficial, Official } from './admit-official.js';
import { DONE, itemsOf, SESSION_ROW } from './descriptions.js';
import { ENDED_COOKIE } from './session-token.js';
import { Sessions } from './sessions.js';
import type { SignedInOfficial } from './signed-in-official.js';

const TAG = 'Console: access';

@Official()
@Listener('public')
@Controller('v1/console/sessions')
export class OwnSessionsController {
  constructor(private readonly sessions: Sessions) {}

  @Get()
  @Describe({
    tag: TAG,
    summary: 'The own open sessions, newest first',
    answer: { schema: itemsOf(SESSION_ROW) },
    problems: ['sign_in_required', 'password_change_required'],
  })
  async list(@CurrentOfficial() official: SignedInOfficial): Promise<{ readonly items: readonly SessionRow[] }> {
    return { items: await this.sessions.list(official) };
  }

  @Delete()
  @HttpCode(200)
  @Describe({
    tag: TAG,
    summary: 'End all of the own sessions, this one too',
    answer: DONE,
    problems: ['sign_in_required', 'csrf_refused'],
  })
  async endAll(
    @CurrentOfficial() official: SignedInOfficial,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    await this.sessions.endAll(official);
    reply.header('set-cookie', ENDED_COOKIE);
    return {};
  }

  @Delete(':sessionId')
  @HttpCode(200)
  @Describe({
    tag: TAG,
    summary: 'End one of the own sessions',
    answer: DONE,
    problems: ['sign_in_required', 'csrf_refused', 'session_unknown'],
  })
  async end(
    @CurrentOfficial() official: SignedInOfficial,
    @Param('sessionId') sessionId: string,
  ): Promise<Problem | object> {
    return (await this.sessions.end(official, sessionId)) ?? {};
  }
}
