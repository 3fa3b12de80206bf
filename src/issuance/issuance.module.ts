import { Module } from '@nestjs/common';
import type { Pool } from 'pg';
import { Settings } from '../configuration/settings.js';
import { DATABASE_POOL } from '../database/database.module.js';
import { KeyRing } from '../keys/key-ring.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { Refusals } from '../ledger/refusals.js';
import { Log } from '../observability/log.js';
import { Metrics } from '../observability/metrics/metrics.js';
import { ServerEvents } from '../observability/server-events.js';
import { Parameters } from '../registry/parameters.js';
import { GroupCommit } from './group-commit.js';
import { InvoiceCounts } from './invoice-counts.js';
import { offerIssuanceMetrics } from './issuance-metrics.js';
import { Issuance } from './issue-invoices.js';
import { IssueController } from './issue.controller.js';
import { IssueDoor } from './issue-door.js';
import { ReadingThreads } from './reading/reading-threads.js';

/** The only place where a code is born, and the online door to it. */
@Module({
  imports: [LedgerModule],
  controllers: [IssueController],
  providers: [
    {
      provide: Issuance,
      inject: [DATABASE_POOL, KeyRing, Parameters, Log, Refusals],
      useFactory: (pool: Pool, keys: KeyRing, parameters: Parameters, log: Log, refusals: Refusals) =>
        new Issuance(pool, keys, parameters, log, refusals),
    },
    {
      provide: GroupCommit,
      inject: [Issuance, Settings],
      useFactory: (issuance: Issuance, { issuance: limits }: Settings) =>
        new GroupCommit((list) => issuance.issue(list), limits),
    },
    {
      provide: IssueDoor,
      inject: [ReadingThreads, GroupCommit, Refusals, Parameters, ServerEvents, InvoiceCounts],
      useFactory: (
        reader: ReadingThreads,
        groupCommit: GroupCommit,
        refusals: Refusals,
        parameters: Parameters,
        events: ServerEvents,
        counts: InvoiceCounts,
      ) => new IssueDoor(reader, groupCommit, refusals, parameters, events, counts),
    },
    InvoiceCounts,
    {
      provide: ReadingThreads,
      inject: [Settings],
      useFactory: ({ issuance }: Settings) => new ReadingThreads(issuance.readingThreads, issuance.queueInvoicesMax),
    },
  ],
  exports: [Issuance, GroupCommit, ReadingThreads, InvoiceCounts],
})
export class IssuanceModule {
  constructor(
    metrics: Metrics,
    issuance: Issuance,
    groupCommit: GroupCommit,
    threads: ReadingThreads,
    counts: InvoiceCounts,
  ) {
    offerIssuanceMetrics(metrics, { issuance, groupCommit, threads, counts });
  }
}
