import { Global, Module } from '@nestjs/common';
import { Settings } from '../configuration/settings.js';
import { openRecoveryLog, RecoveryLog } from './recovery-log.js';

/** Offers the recovery log to whoever does something that a restored database must be told again. */
@Global()
@Module({
  providers: [
    {
      provide: RecoveryLog,
      inject: [Settings],
      useFactory: ({ recovery }: Settings) => openRecoveryLog(recovery.logDirectory),
    },
  ],
  exports: [RecoveryLog],
})
export class RecoveryLogModule {}
