import { Global, Module } from '@nestjs/common';
import { Clock } from '@tax-control/protocol';
import { Settings } from '../configuration/settings.js';
import { openRecoveryLog, RecoveryLog } from './recovery-log.js';

/** Offers the recovery log to whoever does something that a restored database must be told again. */
@Global()
@Module({
  providers: [
    {
      provide: RecoveryLog,
      inject: [Settings, Clock],
      useFactory: ({ recovery }: Settings, clock: Clock) => openRecoveryLog(recovery.logDirectory, clock.now()),
    },
  ],
  exports: [RecoveryLog],
})
export class RecoveryLogModule {}
