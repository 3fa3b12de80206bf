import { Module } from '@nestjs/common';
import type { Pool } from 'pg';
import { Clock } from '@tax-control/protocol';
import { DATABASE_POOL } from '../database/database.module.js';
import { SessionGuard } from '../database/session-guard.js';
import { EnrolmentModule } from '../enrolment/enrolment.module.js';
import { ShownCertificates } from '../enrolment/shown-certificates.js';
import { Listeners } from '../http/listeners.js';
import { GroupCommit } from '../issuance/group-commit.js';
import { InvoiceCounts } from '../issuance/invoice-counts.js';
import { IssuanceModule } from '../issuance/issuance.module.js';
import { Issuance } from '../issuance/issue-invoices.js';
import { ReadingThreads } from '../issuance/reading/reading-threads.js';
import { KeyRing } from '../keys/key-ring.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { Refusals } from '../ledger/refusals.js';
import { Log } from '../observability/log.js';
import { Metrics } from '../observability/metrics/metrics.js';
import { ServerEvents } from '../observability/server-events.js';
import { DatabaseRecovery } from '../recovery/database-recovery.js';
import { RecoveryModule } from '../recovery/recovery.module.js';
import { Parameters } from '../registry/parameters.js';
import { TerminalDirectory } from '../registry/terminal-directory.js';
import { JournalIntake } from './journal-intake.js';
import { LateDoor } from './late-door.js';
import { ReissueController } from './reissue.controller.js';
import { HoldingsController, RestorationsController } from './restorations.controller.js';
import { Restorations } from './restorations.js';

/** The late door to issuance, the way back of what a restored database has forgotten, and that of journals that are handed in. */
@Module({
  imports: [IssuanceModule, LedgerModule, RecoveryModule, EnrolmentModule],
  controllers: [ReissueController, HoldingsController, RestorationsController],
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
        SessionGuard,
        Clock,
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
        guard: SessionGuard,
        clock: Clock,
        metrics: Metrics,
      ) => {
        const door = new LateDoor(
          reader,
          issuance,
          groupCommit,
          pool,
          parameters,
          events,
          counts,
          refusals,
          listeners,
          guard,
          clock,
        );
        metrics.gauge({
          name: 'tax_control_late_door_queue_requests',
          help: 'Requests that wait for their turn at the late door.',
          read: () => [{ value: door.waitingRequests }],
        });
        return door;
      },
    },
    {
      provide: Restorations,
      inject: [
        DATABASE_POOL,
        ReadingThreads,
        Issuance,
        KeyRing,
        Parameters,
        Listeners,
        SessionGuard,
        DatabaseRecovery,
        Log,
      ],
      useFactory: (
        pool: Pool,
        reader: ReadingThreads,
        issuance: Issuance,
        keys: KeyRing,
        parameters: Parameters,
        listeners: Listeners,
        jumps: SessionGuard,
        recovery: DatabaseRecovery,
        log: Log,
      ) => new Restorations({ pool, reader, issuance, keys, parameters, listeners, jumps, recovery, log }),
    },
    {
      provide: JournalIntake,
      inject: [
        DATABASE_POOL,
        LateDoor,
        Restorations,
        ShownCertificates,
        TerminalDirectory,
        Parameters,
        KeyRing,
        SessionGuard,
        Log,
      ],
      useFactory: (
        pool: Pool,
        lateDoor: LateDoor,
        restorations: Restorations,
        certificates: ShownCertificates,
        directory: TerminalDirectory,
        parameters: Parameters,
        keys: KeyRing,
        jumps: SessionGuard,
        log: Log,
      ) => new JournalIntake({ pool, lateDoor, restorations, certificates, directory, parameters, keys, jumps, log }),
    },
  ],
})
export class ReissueModule {}
