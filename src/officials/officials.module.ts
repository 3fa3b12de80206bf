import { Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AuditTrail } from './audit-trail.js';
import { OfficialGuard } from './official.guard.js';

/** Who may use the console: accounts, sessions, views and the audit trail. Guards every route under /v1/console. */
@Global()
@Module({
  providers: [AuditTrail, { provide: APP_GUARD, useClass: OfficialGuard }],
  exports: [AuditTrail],
})
export class OfficialsModule {}
