import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { DATABASE_POOL, REPORTS_POOL } from '../../database/database.module.js';
import { Metrics } from './metrics.js';

/** Connections to the database, and who waits for one. */
@Injectable()
export class PoolMetrics {
  constructor(metrics: Metrics, @Inject(DATABASE_POOL) doors: Pool, @Inject(REPORTS_POOL) reports: Pool) {
    const pools = Object.entries({ doors, reports });
    metrics.gauge({
      name: 'tax_control_database_connections',
      help: 'Open connections of this instance to the database, by pool and state: busy or idle.',
      labels: ['pool', 'state'],
      read: () =>
        pools.flatMap(([pool, { totalCount, idleCount }]) => [
          { labels: { pool, state: 'busy' }, value: totalCount - idleCount },
          { labels: { pool, state: 'idle' }, value: idleCount },
        ]),
    });
    metrics.gauge({
      name: 'tax_control_database_connections_max',
      help: 'Connections that each pool of this instance may open.',
      labels: ['pool'],
      read: () => pools.map(([pool, { options }]) => ({ labels: { pool }, value: options.max })),
    });
    metrics.gauge({
      name: 'tax_control_database_connection_waiters',
      help: 'Pieces of work that wait for a connection, by pool.',
      labels: ['pool'],
      read: () => pools.map(([pool, { waitingCount }]) => ({ labels: { pool }, value: waitingCount })),
    });
  }
}
