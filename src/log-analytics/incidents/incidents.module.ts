import { Module } from '@nestjs/common';
import { KeptTables } from '../kept/kept-tables.js';
import { Closings } from '../missing/closings.js';
import { Missing } from '../missing/missing.js';
import { Signals } from '../signals/signals.js';
import { Incidents } from './incidents.js';
import { PlannedOutages } from './planned-outages.js';

/** Incidents, what is missing, and signals, with the tables that they are computed from. */
@Module({
  providers: [KeptTables, Incidents, PlannedOutages, Missing, Closings, Signals],
  exports: [KeptTables, Incidents, PlannedOutages, Missing, Closings, Signals],
})
export class IncidentsModule {}
