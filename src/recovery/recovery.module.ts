import { Module } from '@nestjs/common';
import type { Pool } from 'pg';
import { Clock } from '@tax-control/protocol';
import { Settings } from '../configuration/settings.js';
import { DATABASE_POOL } from '../database/database.module.js';
import { SessionGuard } from '../database/session-guard.js';
import { KeyRing } from '../keys/key-ring.js';
import { Log } from '../observability/log.js';
import { RecoveryLog } from '../recovery-log/recovery-log.js';
import { DatabaseRecovery } from './database-recovery.js';

/** What is done when the database is another one than before, or an older copy. */
@Module({
  providers: [
    {
      provide: DatabaseRecovery,
      inject: [DATABASE_POOL, SessionGuard, Settings, KeyRing, RecoveryLog, Log, Clock],
      useFactory: (
        pool: Pool,
        guard: SessionGuard,
        { database, recovery: { logDirectory } }: Settings,
        { environment }: KeyRing,
        recoveryLog: RecoveryLog,
        log: Log,
        clock: Clock,
      ) => new DatabaseRecovery({ pool, guard, database, environment, logDirectory, recoveryLog, log, clock }),
    },
  ],
  exports: [DatabaseRecovery],
})
export class RecoveryModule {}
