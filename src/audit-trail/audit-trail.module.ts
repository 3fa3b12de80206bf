import { Global, Module } from '@nestjs/common';
import { AuditTrail } from './audit-trail.js';
import { AuditTrailReading } from './audit-trail-reading.js';

/** Where everything that somebody did is written down, and read by supervisors: src/console-api/audit-trail. */
@Global()
@Module({ providers: [AuditTrail, AuditTrailReading], exports: [AuditTrail, AuditTrailReading] })
export class AuditTrailModule {}
