import { Module } from '@nestjs/common';
import type { Pool } from 'pg';
import { REPORTS_POOL } from '../database/database.module.js';
import { KeyRing } from '../keys/key-ring.js';
import { RateLimits } from '../rate-limits/rate-limits.js';
import { Checks } from './checks.js';
import { Pages } from './pages/pages.js';
import { PagesController } from './pages/pages.controller.js';
import { CustomerReports } from './customer-reports.js';
import { VerificationsController } from './verifications.controller.js';
import { Verifications } from './verifications.js';

/** What anybody may ask of a receipt, and tell about it. */
@Module({
  controllers: [PagesController, VerificationsController],
  providers: [
    {
      provide: Checks,
      inject: [REPORTS_POOL, RateLimits],
      useFactory: (pool: Pool, limits: RateLimits) => new Checks(pool, limits),
    },
    { provide: CustomerReports, inject: [REPORTS_POOL], useFactory: (pool: Pool) => new CustomerReports(pool) },
    { provide: Verifications, inject: [Checks], useFactory: (checks: Checks) => new Verifications(checks) },
    {
      provide: Pages,
      inject: [Checks, CustomerReports, RateLimits, KeyRing],
      useFactory: (checks: Checks, reports: CustomerReports, limits: RateLimits, keys: KeyRing) =>
        new Pages(checks, reports, limits, keys.environment),
    },
  ],
  exports: [CustomerReports],
})
export class PublicCheckModule {}
