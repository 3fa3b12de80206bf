import { Global, Inject, Module, type OnApplicationBootstrap } from '@nestjs/common';
import type { Pool } from 'pg';
import { planMemory } from '../configuration/memory-plan.js';
import { Settings } from '../configuration/settings.js';
import { DATABASE_POOL, REPORTS_POOL } from '../database/database.module.js';
import { LookUps } from '../database/look-ups.js';
import { KeyRing } from '../keys/key-ring.js';
import { Metrics } from '../observability/metrics/metrics.js';
import { claimEnvironment } from './installation.js';
import { JwksController } from './jwks.controller.js';
import { Parameters } from './parameters.js';
import { PremisesDirectory } from './premises-directory.js';
import { TerminalDirectory } from './terminal-directory.js';
import { offerTerminalMetrics } from './terminal-metrics.js';

/** Who the terminals are and what they are told. The application does not start on a database of the other environment. */
@Global()
@Module({
  controllers: [JwksController],
  providers: [
    {
      provide: TerminalDirectory,
      inject: [DATABASE_POOL, Settings],
      useFactory: (pool: Pool, settings: Settings) =>
        new TerminalDirectory(new LookUps(pool), { terminalsMax: planMemory(settings).terminalsMax }),
    },
    {
      provide: PremisesDirectory,
      inject: [REPORTS_POOL],
      useFactory: (pool: Pool) => new PremisesDirectory(pool),
    },
    {
      provide: Parameters,
      inject: [DATABASE_POOL, KeyRing],
      useFactory: (pool: Pool, keys: KeyRing) => new Parameters(new LookUps(pool), keys),
    },
  ],
  exports: [TerminalDirectory, PremisesDirectory, Parameters],
})
export class RegistryModule implements OnApplicationBootstrap {
  constructor(
    @Inject(DATABASE_POOL) private readonly pool: Pool,
    private readonly keys: KeyRing,
    metrics: Metrics,
    @Inject(REPORTS_POOL) reports: Pool,
  ) {
    offerTerminalMetrics(metrics, reports);
  }

  /** After the database was found fit and migrated. */
  onApplicationBootstrap(): Promise<void> {
    return claimEnvironment(this.pool, this.keys.environment);
  }
}
