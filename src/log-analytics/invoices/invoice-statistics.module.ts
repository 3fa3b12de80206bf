import { Inject, Module } from '@nestjs/common';
import type { Pool } from 'pg';
import { Clock } from '@tax-control/protocol';
import { REPORTS_POOL } from '../../database/database.module.js';
import { Log } from '../../observability/log.js';
import { Metrics } from '../../observability/metrics/metrics.js';
import { PremisesDirectory } from '../../registry/premises-directory.js';
import { offerAnalyticsMetrics } from './analytics-metrics.js';
import { InvoiceStatisticsService } from './invoice-statistics.js';
import { InvoiceRollUp } from './roll-up-job.js';

/** Figures of the ledger, and the job that keeps their sums. */
@Module({
  providers: [
    {
      provide: InvoiceRollUp,
      inject: [REPORTS_POOL, Log],
      useFactory: (pool: Pool, log: Log) => new InvoiceRollUp(pool, log),
    },
    {
      provide: InvoiceStatisticsService,
      inject: [REPORTS_POOL, PremisesDirectory],
      useFactory: (pool: Pool, premises: PremisesDirectory) => new InvoiceStatisticsService(pool, premises),
    },
  ],
  exports: [InvoiceStatisticsService],
})
export class InvoiceStatisticsModule {
  constructor(metrics: Metrics, @Inject(REPORTS_POOL) pool: Pool, clock: Clock) {
    offerAnalyticsMetrics(metrics, pool, clock);
  }
}
