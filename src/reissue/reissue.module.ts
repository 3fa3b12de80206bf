import { Module } from '@nestjs/common';
import type { Pool } from 'pg';
import { DATABASE_POOL } from '../database/database.module.js';
import { Listeners } from '../http/listeners.js';
import { GroupCommit } from '../issuance/group-commit.js';
import { InvoiceCounts } from '../issuance/invoice-counts.js';
import { IssuanceModule } from '../issuance/issuance.module.js';
import { Issuance } from '../issuance/issue-invoices.js';
import { ReadingThreads } from '../issuance/reading/reading-threads.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { Refusals } from '../ledger/refusals.js';
import { Metrics } from '../observability/metrics/metrics.js';
import { ServerEvents } from '../observability/server-events.js';
import { Parameters } from '../registry/parameters.js';
import { LateDoor } from './late-door.js';
import { ReissueController } from './reissue.controller.js';

/** The late door to issuance. */
@Module({
  imports: [IssuanceModule, LedgerModule],
  controllers: [ReissueController],
  providers: [
    {
      provide: LateDoor,
      inject: [
        ReadingThreads,
        Issuance,
        GroupCommit,
        DATABASE_POOL,
        Parameters,
        ServerEvents,
        InvoiceCounts,
        Listeners,
        Refusals,
        Metrics,
      ],
      useFactory: (
        reader: ReadingThreads,
        issuance: Issuance,
        groupCommit: GroupCommit,
        pool: Pool,
        parameters: Parameters,
        events: ServerEvents,
        counts: InvoiceCounts,
        listeners: Listeners,
        refusals: Refusals,
        metrics: Metrics,
      ) => {
        const door = new LateDoor(reader, issuance, groupCommit, pool, parameters, events, counts, refusals, listeners);
        metrics.gauge({
          name: 'tax_control_late_door_queue_requests',
          help: 'Requests that wait for their turn at the late door.',
          read: () => [{ value: door.waitingRequests }],
        });
        return door;
      },
    },
  ],
})
export class ReissueModule {}
