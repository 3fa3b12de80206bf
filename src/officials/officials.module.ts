import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { APP_GUARD, HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { Accounts } from './accounts.js';
import { OfficialGuard } from './official.guard.js';
import { OfficialStrategy, SIGN_IN_DESK } from './official.strategy.js';
import { OwnPassword } from './own-password.js';
import { OwnSessionsController } from './own-sessions.controller.js';
import { PasswordHash } from './password-hash.js';
import { SessionController } from './session.controller.js';
import { Sessions } from './sessions.js';
import { SignInDesk } from './sign-in.js';

/** Who may use the console: accounts and passwords, sessions and sign-in. Guards every route under /v1/console. */
@Global()
@Module({
  controllers: [SessionController, OwnSessionsController],
  providers: [
    Accounts,
    OfficialStrategy,
    OwnPassword,
    PasswordHash,
    Sessions,
    SignInDesk,
    { provide: APP_GUARD, useClass: OfficialGuard },
  ],
  exports: [Accounts],
})
export class OfficialsModule implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly desk: SignInDesk,
  ) {}

  onModuleInit(): void {
    this.host.httpAdapter.getInstance<FastifyInstance>().decorate(SIGN_IN_DESK, this.desk);
  }
}
