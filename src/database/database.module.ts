import { Global, Inject, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { Pool } from 'pg';
import { DataSource } from 'typeorm';
import { Settings } from '../configuration/settings.js';
import { poolOf, reportsPool, serverDataSourceOptions } from './data-source.js';
import { assertDatabaseFit, DatabaseUnfit } from './durability.js';
import { faultText } from './fault.js';
import { SessionGuard } from './session-guard.js';
import { judgeSessions } from './shared-sessions.js';
import { sqlFailure } from './sql-failure.js';

/** Token of the driver's own pool (`Pool` of pg), for {@link inTransaction} and for what the issuing path reads. */
export const DATABASE_POOL = Symbol('database pool');
/** Token of the pool for the console, statistics and customers' pages, which may take no connection from the doors. */
export const REPORTS_POOL = Symbol('reports pool');

/** A database that restarts is back within seconds; one that is not there after this long is for a person to look at. */
const CONNECT_ATTEMPTS = 10;
const CONNECT_RETRY_DELAY_MS = 1_000;

/** By itself, because the data source is made with it. */
@Global()
@Module({ providers: [{ provide: SessionGuard, useFactory: () => new SessionGuard() }], exports: [SessionGuard] })
export class SessionGuardModule {}

/** The one data source of the server, and its two pools. The application does not start on a database that is unfit (durability.ts). */
@Global()
@Module({
  imports: [
    SessionGuardModule,
    TypeOrmModule.forRootAsync({
      inject: [Settings, SessionGuard],
      useFactory: ({ database }: Settings, guard: SessionGuard) => ({
        ...serverDataSourceOptions(database, guard.admit),
        retryAttempts: CONNECT_ATTEMPTS,
        retryDelay: CONNECT_RETRY_DELAY_MS,
        // A wrong password or an unknown database stays wrong.
        toRetry: (error: unknown) => sqlFailure(error).kind === 'unavailable',
      }),
    }),
  ],
  providers: [
    { provide: DATABASE_POOL, useFactory: poolOf, inject: [DataSource] },
    {
      provide: REPORTS_POOL,
      inject: [Settings, SessionGuard],
      // The console revokes terminals: on a copy, not before the copy has been told what it forgot.
      useFactory: ({ database }: Settings, guard: SessionGuard) => reportsPool(database, guard.admit),
    },
  ],
  exports: [DATABASE_POOL, REPORTS_POOL],
})
export class DatabaseModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(DATABASE_POOL) private readonly pool: Pool,
    @Inject(REPORTS_POOL) private readonly reports: Pool,
    private readonly settings: Settings,
  ) {}

  async onModuleInit(): Promise<void> {
    await assertDatabaseFit(this.pool, { mayBeAhead: this.settings.database.migratedFurther === 'allow' });
    const faults = await judgeSessions(this.pool);
    if (faults.length > 0) throw new DatabaseUnfit(faults.map(faultText).join('\n'));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.reports.end();
  }
}
