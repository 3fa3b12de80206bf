import { Module } from '@nestjs/common';
import type { Pool } from 'pg';
import { Clock } from '@tax-control/protocol';
import { type DatabaseSettings, type IssuanceSettings, Settings } from '../configuration/settings.js';
import { DATABASE_POOL } from '../database/database.module.js';
import { SessionGuard } from '../database/session-guard.js';
import { KeyRing } from '../keys/key-ring.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { Refusals } from '../ledger/refusals.js';
import { Log } from '../observability/log.js';
import { Metrics } from '../observability/metrics/metrics.js';
import { ReadinessChecks } from '../observability/readiness-checks.js';
import { ServerEvents } from '../observability/server-events.js';
import { Parameters } from '../registry/parameters.js';
import { GroupCommit } from './group-commit.js';
import { InvoiceCounts } from './invoice-counts.js';
import { offerIssuanceMetrics } from './issuance-metrics.js';
import { Issuance } from './issue-invoices.js';
import { IssueController } from './issue.controller.js';
import { IssueDoor } from './issue-door.js';
import { issuingFault } from './issuing-fault.js';
import { ReadingThreads } from './reading/reading-threads.js';

/** Connections that lists must leave: two look up who calls, and the late door has two lists in the database. */
const CONNECTIONS_LEFT = 4;

/** Lists of the online door that may hold a connection, those that hang counted. */
function listsMax({ listsInFlightMax }: IssuanceSettings, { poolSize }: DatabaseSettings): number {
  return Math.max(listsInFlightMax, poolSize - CONNECTIONS_LEFT);
}

/** The only place where a code is born, and the online door to it. */
@Module({
  imports: [LedgerModule],
  controllers: [IssueController],
  providers: [
    {
      provide: Issuance,
      inject: [DATABASE_POOL, KeyRing, Parameters, Log, Refusals, Clock, Settings],
      useFactory: (
        pool: Pool,
        keys: KeyRing,
        parameters: Parameters,
        log: Log,
        refusals: Refusals,
        clock: Clock,
        { issuance }: Settings,
      ) => new Issuance(pool, keys, parameters, log, refusals, clock, issuance.answerMs),
    },
    {
      provide: GroupCommit,
      inject: [Issuance, Settings],
      useFactory: (issuance: Issuance, { issuance: limits, database }: Settings) =>
        new GroupCommit((list) => issuance.issue(list), { ...limits, listsMax: listsMax(limits, database) }),
    },
    {
      provide: IssueDoor,
      inject: [ReadingThreads, GroupCommit, Refusals, Parameters, ServerEvents, InvoiceCounts, SessionGuard, Clock],
      useFactory: (
        reader: ReadingThreads,
        groupCommit: GroupCommit,
        refusals: Refusals,
        parameters: Parameters,
        events: ServerEvents,
        counts: InvoiceCounts,
        guard: SessionGuard,
        clock: Clock,
      ) => new IssueDoor(reader, groupCommit, refusals, parameters, events, counts, guard, clock),
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
    checks: ReadinessChecks,
  ) {
    checks.offer('issuing', () => issuingFault(groupCommit, issuance.commits, performance.now()));
    offerIssuanceMetrics(metrics, { issuance, groupCommit, threads, counts });
  }
}
