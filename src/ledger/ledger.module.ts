import { Inject, Module } from '@nestjs/common';
import type { Pool } from 'pg';
import { DATABASE_POOL, REPORTS_POOL } from '../database/database.module.js';
import { KeyRing } from '../keys/key-ring.js';
import { Log } from '../observability/log.js';
import { Metrics } from '../observability/metrics/metrics.js';
import { ContentPartitions } from './content-partitions.js';
import { InvoiceController } from './invoice.controller.js';
import { InvoiceLookup } from './invoice-lookup.js';
import { JournalLookup } from './journal-lookup.js';
import { JournalsController } from './journals.controller.js';
import { OriginalLookup } from './original-lookup.js';
import { OriginalsController } from './originals.controller.js';
import { Refusals } from './refusals.js';
import { offerSequenceMetrics } from './sequence-metrics.js';

/** What is on file: for whom it belongs to, and the partitions that it goes to. */
@Module({
  controllers: [InvoiceController, OriginalsController, JournalsController],
  providers: [
    Refusals,
    { provide: InvoiceLookup, inject: [DATABASE_POOL], useFactory: (pool: Pool) => new InvoiceLookup(pool) },
    { provide: OriginalLookup, inject: [DATABASE_POOL], useFactory: (pool: Pool) => new OriginalLookup(pool) },
    { provide: JournalLookup, inject: [DATABASE_POOL], useFactory: (pool: Pool) => new JournalLookup(pool) },
    {
      provide: ContentPartitions,
      inject: [DATABASE_POOL, Log],
      useFactory: (pool: Pool, log: Log) => new ContentPartitions(pool, log),
    },
  ],
  exports: [Refusals],
})
export class LedgerModule {
  constructor(metrics: Metrics, @Inject(REPORTS_POOL) pool: Pool, keys: KeyRing) {
    offerSequenceMetrics(metrics, pool, keys.environment);
  }
}
