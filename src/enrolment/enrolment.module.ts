import { Module } from '@nestjs/common';
import type { Pool } from 'pg';
import { Clock } from '@tax-control/protocol';
import { Settings } from '../configuration/settings.js';
import { DATABASE_POOL } from '../database/database.module.js';
import { KeyRing } from '../keys/key-ring.js';
import { TerminalLimits } from '../rate-limits/rate-limits.js';
import { RecoveryLog } from '../recovery-log/recovery-log.js';
import { Enrolment } from './enrolment.js';
import { CertificatesController } from './certificates.controller.js';
import { EstController } from './est.controller.js';
import { ParametersController } from './parameters.controller.js';
import { Renewal } from './renewal.js';
import { ShownCertificates } from './shown-certificates.js';

/** How a till comes by its certificates and its parameters. */
@Module({
  controllers: [EstController, CertificatesController, ParametersController],
  providers: [
    {
      provide: Enrolment,
      inject: [DATABASE_POOL, KeyRing, Settings, RecoveryLog, TerminalLimits, Clock],
      useFactory: (
        pool: Pool,
        keys: KeyRing,
        { enrolment }: Settings,
        log: RecoveryLog,
        limits: TerminalLimits,
        clock: Clock,
      ) => new Enrolment(pool, keys, enrolment, log, limits, clock),
    },
    {
      provide: Renewal,
      inject: [DATABASE_POOL, KeyRing, Settings, RecoveryLog, Clock],
      useFactory: (pool: Pool, keys: KeyRing, { enrolment }: Settings, recoveryLog: RecoveryLog, clock: Clock) =>
        new Renewal(pool, keys, enrolment, recoveryLog, clock),
    },
    {
      provide: ShownCertificates,
      inject: [DATABASE_POOL, KeyRing, RecoveryLog, Settings, Clock],
      useFactory: (pool: Pool, keys: KeyRing, recoveryLog: RecoveryLog, { recovery }: Settings, clock: Clock) =>
        new ShownCertificates(pool, keys, recoveryLog, recovery.logDirectory, clock),
    },
  ],
  exports: [ShownCertificates],
})
export class EnrolmentModule {}
