import { Module } from '@nestjs/common';
import { AttemptStatisticsService } from './attempts/attempt-statistics.js';
import { ServerEventRecorder } from './attempts/server-event-recorder.js';
import { Incidents } from './incidents/incidents.js';
import { PlannedOutages } from './incidents/planned-outages.js';
import { KeptTables } from './kept/kept-tables.js';
import { Closings } from './missing/closings.js';
import { Missing } from './missing/missing.js';
import { Signals } from './signals/signals.js';
import { TransactionLogController } from './upload/upload.controller.js';
import { TransactionLogUpload } from './upload/upload.js';

/** What tills and server know of attempts and failures, and what follows from it. */
@Module({
  controllers: [TransactionLogController],
  providers: [
    TransactionLogUpload,
    ServerEventRecorder,
    AttemptStatisticsService,
    KeptTables,
    Incidents,
    PlannedOutages,
    Missing,
    Closings,
    Signals,
  ],
  exports: [AttemptStatisticsService, Incidents, PlannedOutages, Missing, Closings, Signals],
})
export class LogAnalyticsModule {}
