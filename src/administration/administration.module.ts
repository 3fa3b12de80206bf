import { Module } from '@nestjs/common';
import { Clock } from '@tax-control/protocol';
import type { Pool } from 'pg';
import { REPORTS_POOL } from '../database/database.module.js';
import { RecoveryLog } from '../recovery-log/recovery-log.js';
import { Acts } from './act.js';
import { DisputeActs } from './disputes.js';
import { OfficialActs } from './officials.js';
import { ShopActs } from './shops.js';
import { TerminalActs } from './terminals.js';
import { TillRuleActs } from './till-rules.js';

/** Offers the acts to the console's API. They are plain classes, because `tax-control` makes them without Nest. */
@Module({
  providers: [
    {
      provide: Acts,
      inject: [REPORTS_POOL, RecoveryLog],
      useFactory: (pool: Pool, log: RecoveryLog) => new Acts(pool, log),
    },
    { provide: ShopActs, inject: [Acts], useFactory: (acts: Acts) => new ShopActs(acts) },
    { provide: DisputeActs, inject: [Acts], useFactory: (acts: Acts) => new DisputeActs(acts) },
    { provide: OfficialActs, inject: [Acts], useFactory: (acts: Acts) => new OfficialActs(acts) },
    { provide: TillRuleActs, inject: [Acts], useFactory: (acts: Acts) => new TillRuleActs(acts) },
    {
      provide: TerminalActs,
      inject: [Acts, Clock],
      useFactory: (acts: Acts, clock: Clock) => new TerminalActs(acts, clock),
    },
  ],
  exports: [Acts, DisputeActs, OfficialActs, ShopActs, TerminalActs, TillRuleActs],
})
export class AdministrationModule {}
