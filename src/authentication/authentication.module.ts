import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { APP_GUARD, HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { Listeners } from '../http/listeners.js';
import { EchoService } from './echo.js';
import { EchoController } from './echo.controller.js';
import { Settings } from '../configuration/settings.js';
import { RefusedAuthentications } from './refused-authentications.js';
import { RequestLimit } from './request-limit.js';
import { limitStrangerBodies } from './stranger-bodies.js';
import { TerminalAuthenticator } from './terminal-authenticator.js';
import { TerminalGuard } from './terminal.guard.js';
import { AUTHENTICATOR, TerminalStrategy } from './terminal.strategy.js';

/** Guards every route of the terminals' listener. */
@Global()
@Module({
  controllers: [EchoController],
  providers: [
    TerminalAuthenticator,
    TerminalStrategy,
    RefusedAuthentications,
    EchoService,
    {
      provide: RequestLimit,
      inject: [Settings],
      useFactory: ({ authentication }: Settings) => new RequestLimit(authentication.terminalRequestsPerSecondMax),
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
  ) {}

  onModuleInit(): void {
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    fastify.decorate(AUTHENTICATOR, this.authenticator);
    limitStrangerBodies(fastify, this.listeners, this.authenticator);
  }
}
