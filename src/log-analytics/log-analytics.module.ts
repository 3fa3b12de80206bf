import { Module } from '@nestjs/common';
import { AttemptStatisticsService } from './attempts/attempt-statistics.js';
import { ServerEventRecorder } from './attempts/server-event-recorder.js';
import { TransactionLogController } from './upload/upload.controller.js';
import { TransactionLogUpload } from './upload/upload.js';

/** What tills and server know of attempts and failures. */
@Module({
  controllers: [TransactionLogController],
  providers: [TransactionLogUpload, ServerEventRecorder, AttemptStatisticsService],
  exports: [AttemptStatisticsService],
})
export class LogAnalyticsModule {}
