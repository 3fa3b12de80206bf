import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { APP_GUARD, HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { BodyBudget } from '../http/bodies/body-budget.js';
import { sharesOf } from '../http/bodies/body-shares.js';
import { Listeners } from '../http/listeners.js';
import { EchoService } from './echo.js';
import { EchoController } from './echo.controller.js';
import { planMemory } from '../configuration/memory-plan.js';
import { Settings } from '../configuration/settings.js';
import { admitBodies } from './admit-bodies.js';
import { RefusedAuthentications } from './refused-authentications.js';
import { RequestLimit } from './request-limit.js';

import { TerminalAuthenticator } from './terminal-authenticator.js';
import { TerminalGuard } from './terminal.guard.js';
import { AUTHENTICATOR, TerminalStrategy } from './terminal.strategy.js';
import { TurnedAway } from './turned-away.js';

/** Guards every route of the terminals' listener. */
@Global()
@Module({
  controllers: [EchoController],
  providers: [
    TerminalAuthenticator,
    TerminalStrategy,
    RefusedAuthentications,
    TurnedAway,
    EchoService,
    {
      provide: RequestLimit,
      inject: [Settings],
      useFactory: ({ authentication }: Settings) => new RequestLimit(authentication.terminalRequestsPerSecondMax),
    },
    {
      provide: BodyBudget,
      inject: [Settings],
      useFactory: (settings: Settings) => new BodyBudget(sharesOf(planMemory(settings).bodiesBytes)),
    },
    { provide: APP_GUARD, useClass: TerminalGuard },
  ],
  exports: [TerminalAuthenticator],
})
export class AuthenticationModule implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly listeners: Listeners,
    private readonly authenticator: TerminalAuthenticator,
    private readonly budget: BodyBudget,
    private readonly limit: RequestLimit,
    private readonly turnedAway: TurnedAway,
  ) {}

  onModuleInit(): void {
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    fastify.decorate(AUTHENTICATOR, this.authenticator);
    const { budget, listeners, authenticator, limit, turnedAway } = this;
    admitBodies(fastify, { budget, listeners, authenticator, limit, turnedAway });
  }
}
